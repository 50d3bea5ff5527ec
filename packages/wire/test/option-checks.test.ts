import { describe, expect, it } from 'vitest'
import { badOption, requireInteger, requireOneOf, withDefaults } from '../src/option-checks.ts'
import { thrownBy } from './bytes.ts'

describe('withDefaults', () => {
  const defaults = { port: 0, host: 'localhost', flag: undefined as boolean | undefined }

  it('fills what is not given', () => {
    expect(withDefaults('listen', defaults, { port: 7 })).toEqual({
      port: 7,
      host: 'localhost',
      flag: undefined,
    })
    expect(withDefaults('listen', defaults, undefined)).toEqual(defaults)
  })

  it('takes an explicit undefined for not given', () => {
    expect(withDefaults('listen', defaults, { host: undefined })).toEqual(defaults)
  })

  it('changes neither what was given nor the defaults', () => {
    const given = Object.freeze({ port: 7 })

    const merged = withDefaults('listen', Object.freeze(defaults), given)

    expect(merged).not.toBe(given)
    expect(defaults.port).toBe(0)
  })

  it.each(['prot', 'toString', '__proto__', ''])(
    'refuses the unknown option %j and lists the known ones',
    (name) => {
      const given = Object.defineProperty({}, name, { value: 1, enumerable: true })

      const error = thrownBy(() => withDefaults('listen', defaults, given))

      expect(error).toMatchObject({
        name: 'OptionError',
        code: 'ERR_OPTION_UNKNOWN',
        details: { option: `listen.${name}`, allowed: ['port', 'host', 'flag'] },
      })
    },
  )

  it.each([[null], ['text'], [7], [() => 1]])('refuses %s in the place of an object', (given) => {
    const error = thrownBy(() => withDefaults('listen', defaults, given as unknown as object)) // What plain JavaScript may pass.

    expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE', details: { option: 'listen' } })
  })
})

describe('requireInteger', () => {
  it.each([1, 5, 10])('takes %s within its range', (value) => {
    expect(thrownBy(() => requireInteger('n', value, { min: 1, max: 10 }))).toBeUndefined()
  })

  it.each([0, 11, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', 5n, null, undefined, {}, [5]])(
    'refuses %s and says what is allowed',
    (value) => {
      const error = thrownBy(() => requireInteger('n', value, { min: 1, max: 10 }))

      expect(error).toMatchObject({
        code: 'ERR_OPTION_BAD_VALUE',
        message: expect.stringContaining('allowed is an integer from 1 to 10'),
      })
    },
  )

  it('has no maximum but that of exact integers, unless told', () => {
    expect(thrownBy(() => requireInteger('n', Number.MAX_SAFE_INTEGER, { min: 0 }))).toBeUndefined()
    expect(thrownBy(() => requireInteger('n', 2 ** 53, { min: 0 }))).toMatchObject({
      code: 'ERR_OPTION_BAD_VALUE',
    })
  })
})

describe('requireOneOf', () => {
  it('takes what is listed', () => {
    expect(thrownBy(() => requireOneOf('links', 'node', ['node', 'client']))).toBeUndefined()
  })

  it.each(['Node', '', 1, undefined, ['node']])('refuses %j', (value) => {
    const error = thrownBy(() => requireOneOf('links', value, ['node', 'client']))

    expect(error).toMatchObject({ message: expect.stringContaining('allowed is one of node, client') })
  })
})

describe('badOption', () => {
  it.each([
    ['x'.repeat(10_000), `"${'x'.repeat(80)}"`],
    [{ secret: 1 }, 'an object'],
    [[1], 'an array'],
    [null, 'null'],
    [Symbol('s'), 'Symbol(s)'],
  ])('shows any value in few words', (value, shown) => {
    expect(badOption('n', value, 'less').details).toEqual({ option: 'n', value: shown, allowed: 'less' })
  })
})
