// docs/wire-vectors.json against our codec, and its proofs against a few lines of node:crypto.
// P2PNET_WRITE_VECTORS=1 writes the file anew first.
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { encodePack } from '../src/frame-encoder.ts'
import { decodePayload } from '../src/payload.ts'
import { scanPayload } from '../src/payload-scan.ts'
import { chunksOf, decodeChunks, decodeOne, hex, thrownBy, unhex } from './bytes.ts'
import { factsOf, fromJson, packOf } from './frame-facts.ts'
import { makeVectors } from './make-vectors.ts'

const file = new URL('../../../docs/wire-vectors.json', import.meta.url)
const limits = { depthMax: 32, nodesMax: 50_000, keysMax: 2000 }

if (process.env.P2PNET_WRITE_VECTORS === '1')
  writeFileSync(file, `${JSON.stringify(makeVectors(), null, 2)}\n`)

// The shape that makeVectors gives; the last test compares all of it.
const vectors = JSON.parse(readFileSync(file, 'utf8')) as ReturnType<typeof makeVectors>

const spanOf = (bytes: Uint8Array) => ({ bytes, start: 0, end: bytes.length })

const sha256 = (...parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex')

const hmac = (key: string, ...parts: readonly Uint8Array[]): string =>
  createHmac('sha256', unhex(key)).update(Buffer.concat(parts)).digest('hex')

describe('a golden frame', () => {
  it.each(vectors.frames)('$name is read as it says', ({ hex: frame, decoded }) => {
    expect(factsOf(decodeOne(unhex(frame)))).toEqual(decoded)
  })

  it.each(vectors.frames)('$name is written so', ({ hex: frame, decoded }) => {
    expect(hex(encodePack(packOf(decoded)))).toBe(frame)
  })
})

describe('a golden payload', () => {
  it.each(vectors.payloads)('$name is read as it says', ({ hex: payload, value }) => {
    expect(decodePayload(spanOf(unhex(payload)), limits)).toEqual(fromJson(value))
  })
})

describe('what is refused', () => {
  it.each(vectors.refusedFrames)('$name: $why', ({ hex: frame, code }) => {
    const whole = thrownBy(() => decodeChunks([unhex(frame)]).map(factsOf))
    const cut = thrownBy(() => decodeChunks(chunksOf(unhex(frame), () => 1)).map(factsOf))

    expect([whole, cut]).toMatchObject([{ code }, { code }])
  })

  it.each(vectors.refusedPayloads)('payload $name: $fault', ({ hex: payload, fault }) => {
    expect(scanPayload(spanOf(unhex(payload)), limits)).toBe(fault)
  })
})

describe('a handshake', () => {
  const complete = vectors.handshakes.filter(({ frames }) => frames.length > 2)

  it.each(complete)(
    '$name: has the key and the transcript that the page describes',
    ({ secret, K, T, frames }) => {
      const [hello = '', challenge = ''] = frames.map((frame) => frame.hex)

      const key =
        secret === null ? null : Buffer.from(hkdfSync('sha256', secret, '', 'p2pnet/1', 32)).toString('hex')

      expect(K).toBe(key)
      expect(T).toBe(sha256(unhex(hello), unhex(challenge)))
    },
  )

  it.each(complete)('$name: ends as its proofs deserve', ({ K, T, frames, outcome }) => {
    const [, , prove, last] = frames.map((frame) => decodeOne(unhex(frame.hex)))
    const fields = last?.payload.subarray(0, 9) ?? new Uint8Array(0)
    const frame = unhex(frames[2]?.hex ?? '')

    const dialerProof = K === null ? '' : hmac(K, Uint8Array.of(1), unhex(T ?? ''))
    const listenerProof = K === null ? '' : hmac(K, Uint8Array.of(2), unhex(T ?? ''), frame, fields)
    const isDialerTrue = hex(prove?.payload ?? new Uint8Array(1)) === dialerProof
    const isListenerTrue = hex(last?.payload.subarray(9) ?? new Uint8Array(1)) === listenerProof

    expect(isDialerTrue).toBe(outcome !== 'rejected bad_proof')
    expect(isListenerTrue).toBe(outcome === 'open')
  })

  it.each(vectors.handshakes)('$name: has frames that our codec writes so', ({ frames }) => {
    const packs = frames.map((frame) => decodeOne(unhex(frame.hex)))

    expect(packs.map((pack) => factsOf(pack).kind)).toEqual(frames.map((frame) => frame.kind))
    expect(packs.map((pack) => hex(encodePack(packOf(factsOf(pack)))))).toEqual(
      frames.map((frame) => frame.hex),
    )
  })
})

it('covers every kind that has a meaning', () => {
  const kinds = new Set(vectors.frames.map(({ decoded }) => decoded.kind))

  const meant =
    'hello challenge prove registered rejected ping pong announce withdraw refuse drain drained bye'
  expect([...kinds].filter((kind) => !kind.startsWith('0x')).sort()).toEqual(
    `${meant} tell ask reply fail cancel`.split(' ').sort(),
  )
})

it('is what the generator makes today', () => {
  expect(vectors).toEqual(JSON.parse(JSON.stringify(makeVectors())))
})
