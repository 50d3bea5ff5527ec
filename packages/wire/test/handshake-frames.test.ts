import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Claim, CloseReason, Kind } from '../src/constants.ts'
import { endId } from '../src/end.ts'
import { encodePack } from '../src/frame-encoder.ts'
import {
  type Challenge,
  challengePack,
  controlPack,
  type Hello,
  helloPack,
  provePack,
  readChallenge,
  readHello,
  readReason,
  readRegistered,
  reasonPack,
  registeredFields,
  registeredPack,
} from '../src/handshake-frames.ts'
import type { P2pPack } from '../src/p2p-pack.ts'
import { decodeOne, hex, join, thrownBy, unhex } from './bytes.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const uint = (size: number) => fc.nat({ max: 2 ** (8 * size) - 1 })
const end = uint(3).map((id) => endId(id >>> 16, id & 0xffff))

const anyHello: fc.Arbitrary<Hello> = fc.record({
  versionMin: uint(1),
  versionMax: uint(1),
  linkClass: fc.constantFrom('node', 'client'),
  algorithms: uint(1),
  features: uint(4),
  claim: fc.constantFrom(Claim.exact, Claim.anyNumber),
  end,
  lastEpoch: uint(6),
  instance: bytes(16),
  nonce: bytes(32),
})

const anyChallenge: fc.Arbitrary<Challenge> = fc.record({
  version: uint(1),
  algorithm: uint(1),
  features: uint(4),
  end,
  instance: bytes(16),
  nonce: bytes(32),
  limits: fc.record({ frameBytesMax: uint(4), deadAfterMs: uint(4), asksMax: uint(4) }),
})

const anyRegistered = fc.record({ end, epoch: uint(6), proof: fc.oneof(bytes(0), bytes(32)) })

const [hello] = fc.sample(anyHello, { numRuns: 1, seed: 1 }) as [Hello]
const [challenge] = fc.sample(anyChallenge, { numRuns: 1, seed: 1 }) as [Challenge]

/** The same pack after it has travelled. */
const travelled = (pack: P2pPack): P2pPack => decodeOne(encodePack(pack))

const badFrame = { name: 'WireError', code: 'ERR_WIRE_BAD_FRAME' }

describe('a handshake frame', () => {
  it('that is a hello says the same after it has travelled', () => {
    fc.assert(
      fc.property(anyHello, (said) => {
        expect(readHello(travelled(helloPack(said)))).toEqual(said)
      }),
    )
  })

  it('that is a challenge says the same after it has travelled', () => {
    fc.assert(
      fc.property(anyChallenge, (said) => {
        expect(readChallenge(travelled(challengePack(said)))).toEqual(said)
      }),
    )
  })

  it('that is a registered says the same after it has travelled', () => {
    fc.assert(
      fc.property(anyRegistered, (said) => {
        expect(readRegistered(travelled(registeredPack(said)))).toEqual(said)
      }),
    )
  })

  it('that is a prove is its proof, empty without a secret', () => {
    expect(hex(travelled(provePack(unhex('aabb'))).payload)).toBe('aabb')
    expect(travelled(provePack(new Uint8Array(0))).size).toBe(0)
  })

  it('that is registered covers its end and its epoch with its proof', () => {
    expect(hex(registeredFields({ end: endId(1, 2), epoch: 0x0102030405 }))).toBe('010002000102030405')
  })
})

describe('a frame that is too short', () => {
  it.each([
    ['hello', helloPack(hello), readHello],
    ['challenge', challengePack(challenge), readChallenge],
    ['registered', registeredPack({ end: endId(1, 1), epoch: 1, proof: new Uint8Array(0) }), readRegistered],
    ['bye', reasonPack(Kind.bye, 'normal'), readReason],
  ] as const)('is refused wherever a %s is cut', (_, pack, read) => {
    const errors = Array.from({ length: pack.size }, (_, size) =>
      thrownBy(() => read(controlPack(pack.kind, pack.payload.slice(0, size)))),
    )

    expect(errors).toMatchObject(errors.map(() => badFrame))
  })
})

describe('a hello', () => {
  it.each([
    ['other first letters', 0, 0x51],
    ['an unknown link class', 6, 3],
    ['link class 0', 6, 0],
    ['an unknown claim', 12, 2],
  ])('with %s is refused', (_, at, byte) => {
    const payload = helloPack(hello).payload.with(at, byte)

    expect(thrownBy(() => readHello(controlPack(Kind.hello, payload)))).toMatchObject(badFrame)
  })

  it('with more behind it, from a newer peer, reads the same', () => {
    const longer = controlPack(Kind.hello, join(helloPack(hello).payload, unhex('0102')))

    expect(readHello(longer)).toEqual(hello)
  })

  it('keeps nonce and instance when the chunk that it came in is written over', () => {
    const chunk = Buffer.from(encodePack(helloPack(hello)))
    const read = readHello(decodeOne(chunk))
    chunk.fill(0)

    expect(read).toEqual(hello)
  })
})

describe('a reason', () => {
  it.each(Object.keys(CloseReason) as CloseReason[])('%s says the same after it has travelled', (reason) => {
    expect(readReason(travelled(reasonPack(Kind.bye, reason)))).toBe(reason)
    expect(readReason(travelled(reasonPack(Kind.rejected, reason)))).toBe(reason)
  })

  it('that only a newer peer knows reads as normal', () => {
    expect(readReason(controlPack(Kind.bye, unhex('fffe')))).toBe('normal')
  })

  it('has a number of its own', () => {
    const numbers = Object.values(CloseReason)

    expect(new Set(numbers).size).toBe(numbers.length)
  })
})
