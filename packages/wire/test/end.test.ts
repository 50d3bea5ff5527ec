import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type EndLike, endId, endOf, formatEnd, noEnd, toEndId } from '../src/end.ts'
import { thrownBy } from './bytes.ts'

describe('endId', () => {
  it('is type and number in 24 bits, never negative, and endOf undoes it', () => {
    fc.assert(
      fc.property(fc.nat({ max: 255 }), fc.nat({ max: 65_535 }), (endType, endNo) => {
        const id = endId(endType, endNo)

        expect(id).toBe(endType * 65_536 + endNo)
        expect(endOf(id)).toEqual({ endType, endNo })
      }),
    )
  })

  it('of 0:0 is no end', () => {
    expect(noEnd).toBe(endId(0, 0))
  })
})

describe('formatEnd', () => {
  it.each([
    [2, 7, '2:7'],
    [0, 1, '0:1'],
    [255, 65_535, '255:65535'],
  ])('of %s and %s is %s', (endType, endNo, text) => {
    expect(formatEnd(endId(endType, endNo))).toBe(text)
  })
})

describe('toEndId', () => {
  it('takes a pair and an object alike', () => {
    expect(toEndId([2, 7])).toBe(endId(2, 7))
    expect(toEndId({ endType: 2, endNo: 7 })).toBe(endId(2, 7))
  })

  it.each([[[0, 1]], [[1, 0]], [[255, 65_535]]] as const)('takes %s', (pair) => {
    expect(endOf(toEndId(pair))).toEqual({ endType: pair[0], endNo: pair[1] })
  })

  it.each([
    [[0, 0]],
    [[256, 0]],
    [[-1, 5]],
    [[1, 65_536]],
    [[1, -1]],
    [[1.5, 1]],
    [[1, Number.NaN]],
    [['1', 1]],
    [[1]],
    [[]],
    [{}],
    [{ endType: 1 }],
    ['1:1'],
    [7],
    [undefined],
    [null],
  ])('refuses %j and names the option', (end) => {
    const error = thrownBy(() => toEndId(end as unknown as EndLike, 'options.end')) // What plain JavaScript may pass.

    expect(error).toMatchObject({
      name: 'OptionError',
      code: 'ERR_OPTION_BAD_VALUE',
      details: { option: 'options.end' },
    })
  })
})
