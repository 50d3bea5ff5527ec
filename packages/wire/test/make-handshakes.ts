// The handshake transcripts of docs/wire-vectors.json: what both sides send, and how it ends.
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { encodePack } from '../src/frame-encoder.ts'
import { registeredFields } from '../src/handshake-frames.ts'
import { hex, join } from './bytes.ts'
import { fromJson, type Json, packOf } from './frame-facts.ts'

export const secret = 'correct horse battery staple'

/** 32 bytes that look random and are the same in every run. */
export const nonceOf = (name: string): Uint8Array =>
  Uint8Array.from(createHash('sha256').update(name).digest())

const bytesOf = (name: string, size: number): Json => ({ $bytes: hex(nonceOf(name).subarray(0, size)) })

export const helloBody = {
  ...{
    versionMin: 1,
    versionMax: 1,
    linkClass: 'node',
    algorithms: 2,
    features: 0,
    claim: 0,
    end: '1:1',
    lastEpoch: 0,
  },
  ...{ instance: bytesOf('dialer instance', 16), nonce: bytesOf('dialer nonce', 32) },
}

export const challengeBody = {
  ...{ version: 1, algorithm: 2, features: 0, end: '2:1' },
  ...{ instance: bytesOf('listener instance', 16), nonce: bytesOf('listener nonce', 32) },
  limits: { frameBytesMax: 1 << 20, deadAfterMs: 13_000, asksMax: 10_000 },
}

const registeredBody = { end: '1:1', epoch: 1_795_000_000_001 }

const frame = (kind: string, body: Json): Uint8Array => encodePack(packOf({ kind, body }))

interface Step {
  readonly from: 'dialer' | 'listener'
  readonly kind: string
  readonly hex: string
}

const step = (from: Step['from'], kind: string, bytes: Uint8Array): Step => ({ from, kind, hex: hex(bytes) })

/** Everything both sides compute, from the words of docs/wire.md. */
class Transcript {
  readonly hello: Uint8Array
  readonly challenge: Uint8Array
  readonly #secret: string | undefined

  constructor(secretText: string | undefined, hello: Json, challenge: Json) {
    this.#secret = secretText
    this.hello = frame('hello', hello)
    this.challenge = frame('challenge', challenge)
  }

  get K(): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#secret ?? '', '', 'p2pnet/1', 32))
  }

  get T(): Uint8Array {
    return Uint8Array.from(createHash('sha256').update(this.hello).update(this.challenge).digest())
  }

  prove(): Uint8Array {
    if (this.#secret === undefined) return frame('prove', { $bytes: '' })
    return frame('prove', { $bytes: this.#hmac(Uint8Array.of(1), this.T) })
  }

  registered(prove: Uint8Array, { end, epoch }: typeof registeredBody): Uint8Array {
    const fields = registeredFields(fromJson({ end, epoch }) as never) // Its end is an EndId by now.
    const proof = this.#secret === undefined ? '' : this.#hmac(Uint8Array.of(2), this.T, prove, fields)
    return frame('registered', { end, epoch, proof: { $bytes: proof } })
  }

  /** What all transcripts say of themselves. */
  facts(name: string) {
    const K = this.#secret === undefined ? null : hex(this.K)
    return { name, secret: this.#secret ?? null, tlsExporter: null, K, T: hex(this.T) }
  }

  #hmac(...parts: readonly Uint8Array[]): string {
    return createHmac('sha256', this.K)
      .update(join(...parts))
      .digest('hex')
  }
}

/** Both sides are honest. */
function honest(name: string, transcript: Transcript, registered = registeredBody) {
  const prove = transcript.prove()
  return {
    ...transcript.facts(name),
    frames: [
      step('dialer', 'hello', transcript.hello),
      step('listener', 'challenge', transcript.challenge),
      step('dialer', 'prove', prove),
      step('listener', 'registered', transcript.registered(prove, registered)),
    ],
    outcome: 'open',
  }
}

function wrongSecret() {
  const listener = new Transcript(secret, helloBody, challengeBody)
  const dialer = new Transcript('wrong', helloBody, challengeBody)
  return {
    ...listener.facts("a dialer with another secret: 'wrong'"),
    frames: [
      step('dialer', 'hello', listener.hello),
      step('listener', 'challenge', listener.challenge),
      step('dialer', 'prove', dialer.prove()),
      step('listener', 'rejected', frame('rejected', 'bad_proof')),
    ],
    outcome: 'rejected bad_proof',
  }
}

/** The listener knows no secret and sends the dialer's own proof back. */
function reflected() {
  const transcript = new Transcript(secret, helloBody, challengeBody)
  const prove = transcript.prove()
  const proof = { $bytes: hex(prove.subarray(24)) }
  return {
    ...transcript.facts("a listener that reflects the dialer's proof"),
    frames: [
      step('dialer', 'hello', transcript.hello),
      step('listener', 'challenge', transcript.challenge),
      step('dialer', 'prove', prove),
      step('listener', 'registered', frame('registered', { ...registeredBody, proof })),
    ],
    outcome: 'dialer closes bad_proof',
  }
}

/** The listener, or somebody in between, says that no proof is needed. */
function downgraded() {
  const transcript = new Transcript(secret, helloBody, { ...challengeBody, algorithm: 1 })
  return {
    ...transcript.facts('a challenge that asks a dialer with a secret for no proof'),
    frames: [step('dialer', 'hello', transcript.hello), step('listener', 'challenge', transcript.challenge)],
    outcome: 'dialer closes algorithm_refused',
  }
}

function wrongClass() {
  const transcript = new Transcript(secret, { ...helloBody, linkClass: 'client' }, challengeBody)
  const { T: _, ...facts } = transcript.facts('a hello of class client at a listener for nodes')
  return {
    ...facts,
    T: null,
    frames: [
      step('dialer', 'hello', transcript.hello),
      step('listener', 'rejected', frame('rejected', 'class_mismatch')),
    ],
    outcome: 'rejected class_mismatch',
  }
}

const withoutSecret = new Transcript(
  undefined,
  { ...helloBody, algorithms: 1 },
  { ...challengeBody, algorithm: 1 },
)

const client = new Transcript(
  secret,
  { ...helloBody, linkClass: 'client', claim: 1, end: '10:0' },
  { ...challengeBody, limits: { frameBytesMax: 1 << 16, deadAfterMs: 45_000, asksMax: 100 } },
)

export const handshakes = [
  honest('no secret', withoutSecret),
  honest('a secret', new Transcript(secret, helloBody, challengeBody)),
  honest('a client that is given number 3 of type 10', client, { end: '10:3', epoch: 1_795_000_000_003 }),
  wrongSecret(),
  reflected(),
  downgraded(),
  wrongClass(),
]
