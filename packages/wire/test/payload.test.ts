import { describe, expect, it } from 'vitest'
import { Kind } from '../src/constants.ts'
import { P2pPack } from '../src/p2p-pack.ts'
import { decodePayload, decodeScannedPayload, encodePayload, putPayload } from '../src/payload.ts'
import { hex, thrownBy, unhex } from './bytes.ts'
import { decodePlain } from './plain-msgpack.ts'

const limits = { depthMax: 32, nodesMax: 50_000, keysMax: 2000 }
const spanOf = (bytes: Uint8Array) => ({ bytes, start: 0, end: bytes.length })
const decode = (bytes: Uint8Array): unknown => decodePayload(spanOf(bytes), limits)

const plainValues: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['true', true],
  ['a small integer', 127],
  ['a negative one', -33],
  ['an integer of 32 bits', 0xffffffff],
  ['an integer of 53 bits', 2 ** 53 - 1],
  ['a float', 0.1],
  ['NaN', Number.NaN],
  ['infinity', Number.NEGATIVE_INFINITY],
  ['the empty string', ''],
  ['a string of every plane', 'aä€😀'],
  ['a long string', 'ä'.repeat(40_000)],
  ['bytes', Uint8Array.of(0, 1, 255)],
  ['many bytes', new Uint8Array(70_000).fill(7)],
  ['a date', new Date(1_700_000_000_123)],
  ['a date before 1970', new Date(-1)],
  ['an array', [1, [2, []], { three: 3 }]],
  ['a long array', Array.from({ length: 20_000 }, (_, index) => index)],
  ['a map', { a: 1, nested: { b: [null] }, '': 0, constructor: 1 }],
  ['a large map', Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, index]))],
]

describe('a plain value', () => {
  it.each(plainValues)('that is %s comes back, and any msgpack decoder reads it', (_, value) => {
    const bytes = encodePayload(value)

    expect(decode(bytes)).toEqual(value)
    expect(decodePlain(bytes)).toEqual(value)
  })

  it('that is undefined is the empty payload', () => {
    expect(encodePayload(undefined)).toHaveLength(0)
    expect(decode(new Uint8Array(0))).toBeUndefined()
    expect(decodeScannedPayload({ bytes: unhex('a161'), start: 1, end: 1 })).toBeUndefined()
  })

  it('loses what plain msgpack lacks', () => {
    class Point {
      x = 1
    }
    const value = {
      undef: undefined,
      set: new Set([1]),
      map: new Map([['a', 1]]),
      zero: -0,
      point: new Point(),
    }

    const decoded = decode(encodePayload(value))

    expect(decoded).toEqual({ undef: null, set: [1], map: { a: 1 }, zero: 0, point: { x: 1 } })
  })
})

describe('an integer of 64 bits', () => {
  it.each([
    ['cf0000000000000005', 5],
    ['d3fffffffffffffffb', -5],
    ['cf0020000000000000', 2 ** 53],
    ['cf0020000000000001', 2n ** 53n + 1n],
    ['d3ffe0000000000000', -(2 ** 53)],
    ['d3ffdfffffffffffff', -(2n ** 53n) - 1n],
    ['cfffffffffffffffff', 2n ** 64n - 1n],
    ['d38000000000000000', -(2n ** 63n)],
  ])('%s is %s: a number where it is exact', (bytes, value) => {
    expect(decode(unhex(bytes))).toBe(value)
  })

  it('may be given as a BigInt', () => {
    expect([5n, 2n ** 64n - 1n, -(2n ** 63n)].map((value) => decode(encodePayload(value)))).toEqual([
      5,
      2n ** 64n - 1n,
      -(2n ** 63n),
    ])
  })
})

describe('a value that cannot travel', () => {
  const cycle: unknown[] = []
  cycle.push({ cycle })
  const deep = Array.from({ length: 100_000 }).reduce<unknown>((inner) => [inner], 0)
  class Hiding {
    toJSON() {
      return [new Float64Array(1)]
    }
  }

  it.each([
    ['a function', () => 1],
    ['a method', { method() {} }],
    ['a symbol', [Symbol('s')]],
    ['a cycle', cycle],
    ['endless nesting', deep],
    ['an integer beyond 64 bits', 2n ** 64n],
    ['an integer below 64 bits', -(2n ** 63n) - 1n],
    ['an invalid date', { at: new Date(Number.NaN) }],
    ['a throwing getter', Object.defineProperty({}, 'x', { enumerable: true, get: () => JSON.parse('no') })],
    [
      'a map of 70,000 keys',
      Object.fromEntries(Array.from({ length: 70_000 }, (_, index) => [`${index}`, 0])),
    ],
  ])('%s is refused', (_, value) => {
    const error = thrownBy(() => encodePayload(value))

    expect(error).toMatchObject({ name: 'WireError', code: 'ERR_WIRE_PAYLOAD_UNENCODABLE' })
    expect(decode(encodePayload('fine'))).toBe('fine')
  })

  // msgpackr fills only part of a binary that it makes of such a view; the rest would be another value's bytes.
  it.each([
    ['alone', new Int32Array(4)],
    ['in a map', { deep: [{ view: new Float64Array(2) }] }],
    ['in a Map', new Map([['view', new Uint16Array(1)]])],
    ['as the key of a Map', new Map([[new Int32Array(1), 1]])],
    ['in a Set', new Set([new Int16Array(1)])],
    ['as the cause of an error', new Error('x', { cause: new Int32Array(1) })],
    ['behind toJSON', new Hiding()],
    ['that is a DataView', new DataView(new ArrayBuffer(8))],
  ])('a view of other than bytes is refused, %s', (_, value) => {
    expect(thrownBy(() => encodePayload(value))).toMatchObject({ code: 'ERR_WIRE_PAYLOAD_UNENCODABLE' })
  })

  it('leaves views of bytes alone', () => {
    const views = [Uint8Array.of(1), Buffer.from([2]), Int8Array.of(-1), Uint8ClampedArray.of(4)]

    expect(decode(encodePayload(views))).toEqual([
      Uint8Array.of(1),
      Uint8Array.of(2),
      Uint8Array.of(255),
      Uint8Array.of(4),
    ])
  })
})

describe('putPayload', () => {
  it('makes the value the payload of a pack', () => {
    const pack = new P2pPack(Kind.tell)
    putPayload(pack, { a: 1 })

    expect(decodePlain(pack.payload)).toEqual({ a: 1 })
  })

  it('never writes over what it has handed out', () => {
    const packs = Array.from({ length: 2000 }, (_, index) => {
      const pack = new P2pPack(Kind.tell)
      putPayload(pack, { index, text: 'x'.repeat(index % 50) })
      return pack
    })

    const values = packs.map((pack) => decode(pack.payload))

    expect(values).toEqual(packs.map((_, index) => ({ index, text: 'x'.repeat(index % 50) })))
  })

  it('keeps no buffer of a large value', () => {
    const pack = new P2pPack(Kind.tell)
    putPayload(pack, 'x'.repeat(4 << 20))
    const large = pack.bytes.length
    putPayload(pack, 'small')

    expect(large).toBeGreaterThan(4 << 20)
    expect(pack.bytes.length).toBeLessThanOrEqual(256 * 1024)
  })
})

describe('bytes that are kept', () => {
  it('are their own, encoded', () => {
    const bytes = encodePayload('kept')

    expect(bytes.buffer.byteLength).toBe(bytes.length)
  })

  it('are their own, decoded', () => {
    const chunk = Buffer.alloc(100_000)
    chunk.set(unhex('c403010203'), 5000)

    const decoded = decodePayload({ bytes: chunk, start: 5000, end: 5005 }, limits) as Uint8Array
    chunk.fill(0)

    expect(hex(decoded)).toBe('010203')
    expect(decoded.buffer.byteLength).toBeLessThan(100)
  })

  it('are their own in a detached pack, whatever the chunk is', () => {
    const pack = new P2pPack(Kind.tell)
    pack.bytes = Buffer.from('....kept....')
    pack.start = 4
    pack.end = 8

    const chunk = pack.bytes
    pack.detach()
    chunk.fill(0)

    expect(Buffer.from(pack.payload).toString()).toBe('kept')
    expect(pack.bytes.buffer.byteLength).toBe(4)
  })
})

it('refuses what the pre-scan refuses, and says why', () => {
  const error = thrownBy(() => decode(unhex('c1')))

  expect(error).toMatchObject({
    name: 'WireError',
    code: 'ERR_WIRE_PAYLOAD_REFUSED',
    details: { fault: 'the unused type 0xc1' },
  })
})

it('sends on a foreign value whose toJSON is no function', () => {
  const value = { inner: { constructor: 'none', toJSON: 1 } }

  const bytes = encodePayload(value)

  expect(
    decodePayload({ bytes, start: 0, end: bytes.length }, { depthMax: 4, nodesMax: 9, keysMax: 4 }),
  ).toEqual(value)
})
