import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { deriveKey, isSameProof, proveProof, registeredProof, transcriptOf } from '../src/proof.ts'
import { handshakes, hex, unhex } from './handshake-vectors.ts'

const key = deriveKey('correct horse battery staple')
const transcript = new Uint8Array(32).fill(7)

describe('a proof', () => {
  it.each(handshakes.filter(({ K }) => K !== null))('has the key that the vector says: $name', (vector) => {
    expect(hex(deriveKey(vector.secret ?? ''))).toBe(vector.K)
  })

  it.each(handshakes.filter(({ frames }) => frames[1]?.kind === 'challenge'))(
    'covers the transcript that the vector says: $name',
    ({ frames, T }) => {
      const [hello, challenge] = frames.map((frame) => unhex(frame.hex))

      const computed = transcriptOf(hello ?? new Uint8Array(), challenge ?? new Uint8Array())

      expect(hex(computed)).toBe(T)
    },
  )

  it('of the dialer is the HMAC of 01 and the transcript', () => {
    const expected = createHmac('sha256', key).update(Uint8Array.of(1)).update(transcript).digest()

    expect(proveProof(key, transcript)).toEqual(expected)
  })

  it('of the listener covers its own label, the prove frame and the fields', () => {
    const claim = { proveFrame: Uint8Array.of(3, 4), fields: Uint8Array.of(5) }
    const said = Buffer.concat([Uint8Array.of(2), transcript, claim.proveFrame, claim.fields])

    const proof = registeredProof(key, transcript, claim)

    expect(proof).toEqual(createHmac('sha256', key).update(said).digest())
    expect(proof).not.toEqual(proveProof(key, transcript))
  })

  it('changes with the secret', () => {
    expect(deriveKey('a')).not.toEqual(deriveKey('b'))
    expect(deriveKey('a')).toHaveLength(32)
  })

  it('is the same only if every byte and the length are', () => {
    const proof = createHash('sha256').update('x').digest()
    const flipped = Uint8Array.from(proof, (byte, at) => (at === 31 ? byte ^ 1 : byte))

    expect(isSameProof(proof, Uint8Array.from(proof))).toBe(true)
    expect(isSameProof(flipped, proof)).toBe(false)
    expect(isSameProof(proof.subarray(0, 31), proof)).toBe(false)
    expect(isSameProof(new Uint8Array(0), proof)).toBe(false)
  })
})
