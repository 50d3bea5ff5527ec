import { OptionError } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import {
  type ConnOptions,
  defaultClientOptions,
  defaultNodeOptions,
  frameBytesCeiling,
  resolveConnOptions,
} from '../src/options.ts'

const resolve = (given: unknown) =>
  resolveConnOptions('conn', defaultNodeOptions, given as ConnOptions | undefined) // Users pass anything.

function errorOf(given: unknown): OptionError {
  try {
    resolve(given)
  } catch (error) {
    if (error instanceof OptionError) return error
    throw error
  }
  throw new Error('the options were taken')
}

describe('conn options', () => {
  it.each([[undefined], [{}], [{ payload: undefined, asksMax: undefined }], [{ payload: {} }]])(
    'are the defaults for %j',
    (given) => {
      expect(resolve(given)).toEqual(defaultNodeOptions)
    },
  )

  it('are as limits.md says for each link class', () => {
    expect(resolveConnOptions('conn', defaultClientOptions, undefined)).toEqual({
      frameBytesMax: 65_536,
      registerTimeoutMs: 5_000,
      pingAfterMs: 15_000,
      deadAfterMs: 45_000,
      writeQueueBytesMax: 1_048_576,
      asksMax: 100,
      payload: { depthMax: 16, nodesMax: 4_096, keysMax: 256 },
    })
    expect(resolve({})).toMatchObject({ frameBytesMax: 1_048_576, pingAfterMs: 5_000, deadAfterMs: 13_000 })
  })

  it('keep what is given and fill in the rest, and cannot be changed afterwards', () => {
    const resolved = resolve({ asksMax: 7, payload: { depthMax: 3 } })

    expect(resolved).toEqual({
      ...defaultNodeOptions,
      asksMax: 7,
      payload: { ...defaultNodeOptions.payload, depthMax: 3 },
    })
    expect([Object.isFrozen(resolved), Object.isFrozen(resolved.payload)]).toEqual([true, true])
  })

  const badValues = [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '5', null, true, 2 ** 53, {}]
  const integers = [
    'frameBytesMax',
    'registerTimeoutMs',
    'pingAfterMs',
    'deadAfterMs',
    'writeQueueBytesMax',
    'asksMax',
  ]

  it.each(integers.flatMap((name) => badValues.map((value) => ({ name, value }))))(
    'name $name, its value $value and what is allowed when it is bad',
    ({ name, value }) => {
      const error = errorOf({ [name]: value })

      expect(error.code).toBe('ERR_OPTION_BAD_VALUE')
      expect(error.details).toMatchObject({
        option: `conn.${name}`,
        allowed: expect.stringMatching(/^an integer from \d+ to \d+$/),
      })
      expect(error.message).toContain(`conn.${name} is ${error.details.value}, allowed is an integer from`)
    },
  )

  it.each(['depthMax', 'nodesMax', 'keysMax'].flatMap((name) => badValues.map((value) => ({ name, value }))))(
    'name payload.$name when its value is $value',
    ({ name, value }) => {
      expect(errorOf({ payload: { [name]: value } }).details).toMatchObject({
        option: `conn.payload.${name}`,
      })
    },
  )

  it.each([
    [{ frameBytesMax: 1_023 }, 'conn.frameBytesMax'],
    [{ frameBytesMax: frameBytesCeiling + 1, writeQueueBytesMax: 2 ** 30 }, 'conn.frameBytesMax'],
    [{ deadAfterMs: 2 ** 32 }, 'conn.deadAfterMs'],
    [{ asksMax: 2 ** 32 }, 'conn.asksMax'],
    [{ payload: { depthMax: 129 } }, 'conn.payload.depthMax'],
    [{ payload: [], asksMax: 0 }, 'conn.asksMax'],
    [{ payload: 5 }, 'conn.payload'],
    [{ payload: null }, 'conn.payload'],
    [null, 'conn'],
    ['fast', 'conn'],
  ])('refuse %j and name %s', (given, option) => {
    expect(errorOf(given).details).toMatchObject({ option })
  })

  it.each([
    [{ frameBytesMax: 1_024 }],
    [{ frameBytesMax: frameBytesCeiling, writeQueueBytesMax: frameBytesCeiling }],
    [{ pingAfterMs: 1, deadAfterMs: 3 }],
    [{ deadAfterMs: 2 ** 32 - 1, asksMax: 2 ** 32 - 1 }],
    [{ payload: { depthMax: 128, nodesMax: 1, keysMax: 1 } }],
  ])('take %j, which is the last that is allowed', (given) => {
    expect(resolve(given)).toMatchObject(given)
  })

  it.each([
    [{ deadline: 5 }, 'conn.deadline'],
    [{ payload: { depth: 5 } }, 'conn.payload.depth'],
  ])('refuse the unknown %j', (given, option) => {
    const error = errorOf(given)

    expect(error).toMatchObject({ code: 'ERR_OPTION_UNKNOWN', details: { option } })
  })
})

describe('the relations between conn options', () => {
  it('demand more than two pings before a peer is dead', () => {
    const error = errorOf({ pingAfterMs: 100, deadAfterMs: 200 })

    expect(error.message).toBe('conn.deadAfterMs is 200, allowed is more than twice pingAfterMs (100)')
  })

  it('demand a write queue that takes one frame', () => {
    const error = errorOf({ frameBytesMax: 10_000, writeQueueBytesMax: 9_999 })

    expect(error.message).toBe('conn.writeQueueBytesMax is 9999, allowed is at least frameBytesMax (10000)')
  })
})
