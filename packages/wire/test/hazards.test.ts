// Every row of the table of what plain msgpackr does to its user, thrown at our decoder: refused before
// anything is decoded, or accepted and harmless; never slow, and nothing of it is kept.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Unpackr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { decodePayload, encodePayload } from '../src/payload.ts'
import { ascii, join, repeat, thrownBy, unhex } from './bytes.ts'

/** Class node: the larger limits. */
const limits = { depthMax: 32, nodesMax: 50_000, keysMax: 2000 }
const blockMsMax = 50

const decode = (bytes: Uint8Array): unknown => decodePayload({ bytes, start: 0, end: bytes.length }, limits)

/** The shortest of five runs: what the machine does meanwhile is not ours. */
function blockedMs(call: () => unknown): number {
  const runs = [1, 2, 3, 4, 5].map(() => {
    const startedAt = performance.now()
    thrownBy(call)
    return performance.now() - startedAt
  })
  return Math.min(...runs)
}

const uint32 = (value: number): Uint8Array => unhex(value.toString(16).padStart(8, '0'))
const id = (number: number): Uint8Array => join(unhex('d669'), uint32(number))
const pointer = (number: number): Uint8Array => join(unhex('d670'), uint32(number))

/** Level n is an array of level n-1 and a pointer to it, so that printing the value doubles per level. */
function cloneLevels(levels: number, core: Uint8Array): Uint8Array {
  let value = core
  for (let level = 1; level <= levels; level++) {
    value = join(id(level), unhex('92'), value, level === 1 ? unhex('c0') : pointer(level - 1))
  }
  return value
}

/** `head` announces `count` entries of `entry`, about `bytes` of them in all. */
function listOf(entry: Uint8Array, bytes: number): Uint8Array {
  const count = Math.floor(bytes / entry.length)
  return join(unhex('dd'), uint32(count), repeat(entry, count))
}

const record = (number: number): Uint8Array =>
  join(
    unhex('d472'),
    Uint8Array.of(0x40 + (number % 0x20)),
    unhex('91a4'),
    ascii(`f${100 + number}`),
    unhex('01'),
  )

const regExp = join(unhex('d4780092a6'), ascii('(a+)+$'), unhex('a0'))
const megabyte = 1 << 20
const bin100k = join(unhex('c6000186a0'), new Uint8Array(100_000))
const records = Array.from({ length: 800 }, (_, number) => record(number))
const deep = (open: string, depth: number): Uint8Array => join(repeat(unhex(open), depth), unhex('c0'))

const refused: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ['a bundle ext with a negative size', unhex('d662fffffff0a161a162'), /extension/],
  ['a bundle ext with a negative size, ext 8', unhex('c70462fffffff0a161'), /extension/],
  ['a bundle ext inside an array', unhex('92c0d662fffffff4a161'), /extension/],
  [
    '24 levels of clone ids and pointers, and a trailing byte',
    join(cloneLevels(24, unhex('c0')), unhex('00')),
    /extension/,
  ],
  ['the same around a bin of 100 kB', join(cloneLevels(24, bin100k), unhex('00')), /extension/],
  [
    '2,000 pointers to a bin of 100 kB',
    join(unhex('92'), id(1), bin100k, listOf(pointer(1), 12_000)),
    /extension/,
  ],
  ['a record definition', record(1), /extension/],
  ['0.94 MB of record definitions', join(unhex('dc9c40'), repeat(join(...records), 130)), /extension/],
  ['1 MiB of empty maps', listOf(unhex('80'), megabyte), /too many nodes/],
  ['1 MiB of Set exts', listOf(unhex('d4730090'), megabyte), /too many nodes/],
  ['1 MiB of Error exts', listOf(unhex('d4650093a0a0c0'), megabyte), /too many nodes/],
  ['a few Set exts', listOf(unhex('d4730090'), 400), /extension/],
  ['a few Error exts', listOf(unhex('d4650093a0a0c0'), 400), /extension/],
  ['a RegExp ext', regExp, /extension/],
  ['a typed array ext', unhex('c70574050000000100'), /extension/],
  ['a BigInt ext', unhex('c70942ffffffffffffffffff'), /extension/],
  ['the extension that means undefined', unhex('d40000'), /extension/],
  ['arrays 4,482 deep', deep('91', 4482), /too deep/],
  ['maps 4,482 deep', deep('81a161', 4482), /too deep/],
  ['a million arrays deep', deep('91', megabyte - 1), /too deep/],
  ['a __proto__ key', join(unhex('81a9'), ascii('__proto__'), unhex('81a16101')), /__proto__/],
  ['a bin of 4 GiB', unhex('c6ffffffff00'), /truncated/],
  ['a string of 4 GiB', unhex('dbffffffff61'), /truncated/],
  ['an array of 4 Gi values', unhex('ddffffffff00'), /too many nodes/],
  ['a map of 4 Gi keys', unhex('dfffffffffa161'), /too many nodes/],
  ['a cut payload', unhex('93a16101'), /truncated/],
]

describe('a hostile payload', () => {
  it.each(refused)('that is %s is refused, at once', (_, bytes, fault) => {
    const error = thrownBy(() => decode(bytes))

    expect(error).toMatchObject({ code: 'ERR_WIRE_PAYLOAD_REFUSED', message: expect.stringMatching(fault) })
    expect(String(error).length).toBeLessThan(200)
    expect(blockedMs(() => decode(bytes))).toBeLessThan(blockMsMax)
  })

  it('leaves no memory behind', () => {
    const before = heapBytes()

    for (let round = 0; round < 5; round++) for (const [, bytes] of refused) thrownBy(() => decode(bytes))

    expect(heapBytes() - before).toBeLessThan(4 * megabyte)
  })

  it('poisons no payload after it', () => {
    for (const [, bytes] of refused) thrownBy(() => decode(bytes))

    expect(decode(unhex('82a16140a16293404142'))).toEqual({ a: 64, b: [64, 65, 66] })
  })
})

// So that the table above is no straw man.
it.each([
  ['a RegExp', regExp, RegExp],
  ['a record', record(1), Object],
  ['a Set', unhex('d4730090'), Set],
  ['an error', unhex('d4650093a0a0c0'), Error],
  ['a typed array', unhex('c705740501000000'), Int32Array],
])('plain msgpackr would make %s of such bytes', (_, bytes, type) => {
  expect(new Unpackr({ useRecords: false }).unpack(bytes)).toBeInstanceOf(type)
})

describe('a payload at the limits', () => {
  it.each([
    ['empty maps', listOf(unhex('80'), 49_998)],
    ['maps of one key', listOf(unhex('81ad6170706c69636174696f6e496401'), 24_998 * 16)],
    ['short strings', listOf(unhex('a26162'), 49_998 * 3)],
    ['timestamps', listOf(unhex('d6ff00000000'), 49_998 * 6)],
    ['integers of 64 bits', listOf(unhex('cfffffffffffffffff'), 49_998 * 9)],
    ['bins of 16 bytes', listOf(join(unhex('c410'), new Uint8Array(16)), 49_998 * 18)],
    ['one string of 1 MiB', join(unhex('db00100000'), new Uint8Array(megabyte).fill(0x61))],
    ['one string of 1 MiB that is no UTF-8', join(unhex('db00100000'), new Uint8Array(megabyte).fill(0xff))],
  ])('of %s is decoded within 50 ms', (_, bytes) => {
    expect(thrownBy(() => decode(bytes))).toBeUndefined()
    expect(blockedMs(() => decode(bytes))).toBeLessThan(blockMsMax)
  })
})

describe('what is accepted', () => {
  it('gives bins memory of their own, so that 2,000 kept ones pin no receive buffer', () => {
    const kept = Array.from({ length: 2000 }, () => {
      const chunk = Buffer.alloc(64 * 1024)
      chunk.set(unhex('91c410'), 100)
      return decodePayload({ bytes: chunk, start: 100, end: 119 }, limits) as [Uint8Array]
    })

    const pinned = new Set(kept.map(([bin]) => bin.buffer))

    expect([...pinned].reduce((sum, buffer) => sum + buffer.byteLength, 0)).toBeLessThan(megabyte)
  })

  it('gives numbers for integers of 64 bits that are exact, BigInt only beyond', () => {
    expect(decode(unhex('93cf0000000000000005d3fffffffffffffffbcfffffffffffffffff'))).toEqual([
      5,
      -5,
      2n ** 64n - 1n,
    ])
  })

  it('gives text for invalid UTF-8, and may give the same for different bytes', () => {
    const [first, second] = ['a2c3ff', 'a2c2ff'].map((bytes) => decode(unhex(bytes)))

    expect(typeof first).toBe('string')
    expect(first).toBe(second)
  })

  it('gives no prototype, however __proto__ is written', () => {
    const overlong = [
      'c19f5f70726f746f5f5f',
      'e0819f5f70726f746f5f5f',
      'f080819f5f70726f746f5f5f',
      'ff5f5f70726f746f5f5f',
    ]
    const keys = overlong.flatMap((key) => [
      join(Uint8Array.of(0xa0 + key.length / 2), unhex(key)),
      join(unhex('d9'), Uint8Array.of(key.length / 2), unhex(key)),
    ])

    const decoded = keys.map((key) => decode(join(unhex('81'), key, unhex('81a16101'))) as object)

    expect(decoded.map((value) => Object.getPrototypeOf(value))).toEqual(keys.map(() => Object.prototype))
    expect(decoded.some((value) => 'a' in value)).toBe(false)
  })

  it('nests no deeper than what forwarders and loggers can take', () => {
    const value = decode(deep('91', 32))

    expect(JSON.stringify(encodePayload(value)).length).toBeGreaterThan(0)
    expect(JSON.stringify(value)).toHaveLength(32 * 2 + 4)
  })
})

it('keeps no buffer of a value of 50 MB', () => {
  const before = arrayBufferBytes()

  thrownBy(() => encodePayload('x'.repeat(50_000_000)))
  encodePayload('small')

  expect(arrayBufferBytes() - before).toBeLessThan(megabyte)
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  // The memory of buffers goes with the second run at the latest.
  for (let run = 0; run < 3; run++) gc()
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function arrayBufferBytes(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}
