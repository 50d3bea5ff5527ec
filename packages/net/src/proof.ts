// The cryptography of registering: HKDF and HMAC with SHA-256 (RFC 5869, RFC 2104). Nothing else computes a proof.
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'

const info = 'p2pnet/1'
const proveLabel = Uint8Array.of(1)
const registeredLabel = Uint8Array.of(2)

/** `K`: the key of both proofs. */
export function deriveKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', info, 32))
}

/** `T`: what both sides have said, as the bytes of whole frames. */
export function transcriptOf(helloFrame: Uint8Array, challengeFrame: Uint8Array): Uint8Array {
  return createHash('sha256').update(helloFrame).update(challengeFrame).digest()
}

/** The dialer's proof. */
export function proveProof(key: Uint8Array, transcript: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(proveLabel).update(transcript).digest()
}

/** What the listener's proof covers besides the transcript. */
export interface RegisteredClaim {
  readonly proveFrame: Uint8Array
  /** The other fields of `registered`. */
  readonly fields: Uint8Array
}

/** The listener's proof: of another shape than the dialer's, so that neither can be reflected. */
export function registeredProof(key: Uint8Array, transcript: Uint8Array, claim: RegisteredClaim): Uint8Array {
  const hmac = createHmac('sha256', key).update(registeredLabel).update(transcript)
  return hmac.update(claim.proveFrame).update(claim.fields).digest()
}

export function isSameProof(given: Uint8Array, expected: Uint8Array): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected)
}
