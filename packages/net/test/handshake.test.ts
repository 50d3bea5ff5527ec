import * as crypto from 'node:crypto'
import {
  Algorithm,
  Claim,
  challengePack,
  encodePack,
  endId,
  helloPack,
  provePack,
  readChallenge,
  readHello,
  registeredPack,
} from '@p2pnet/wire'
import { describe, expect, it, vi } from 'vitest'
import { thrownBy } from '../../../test/support/until.ts'
import { DialerHandshake, type HandshakeSide, ListenerHandshake } from '../src/handshake.ts'
import { deriveKey } from '../src/proof.ts'
import {
  dialerEnd,
  handshakes,
  hex,
  newDialer,
  newListener,
  packOf,
  sent,
  sideOf,
  testKey,
  unhex,
} from './handshake-vectors.ts'

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  return { ...real, randomBytes: vi.fn(real.randomBytes) }
})

/** The next nonce is this one. */
const nextNonce = (nonce: Uint8Array) =>
  vi.mocked(crypto.randomBytes).mockReturnValueOnce(Buffer.from(nonce) as never) // One overload returns void.

/** Both sides as a vector has them, with its nonces. */
function sidesOf(vector: (typeof handshakes)[number]) {
  const [helloHex, challengeHex] = vector.frames.map((frame) => frame.hex)
  const hello = readHello(packOf(unhex(helloHex ?? '')))
  const said = readChallenge(packOf(unhex(challengeHex ?? '')))
  const key = vector.secret === null ? undefined : deriveKey(vector.secret)
  const side = { linkClass: hello.linkClass, key, isLoopback: true }
  nextNonce(hello.nonce)
  const dialer = new DialerHandshake({ ...side, instance: hello.instance }, hello)
  nextNonce(said.nonce)
  const listener = new ListenerHandshake({ ...side, instance: said.instance }, said)
  return { dialer, listener }
}

const complete = handshakes.filter(({ outcome }) => outcome === 'open')
const reflected = handshakes.filter(({ name }) => name.includes('reflects'))
const rejected = handshakes.filter(({ outcome }) => outcome === 'rejected bad_proof')

describe('a handshake of the golden vectors', () => {
  it.each(complete)('is made byte for byte: $name', (vector) => {
    const { dialer, listener } = sidesOf(vector)
    const last = packOf(unhex(vector.frames[3]?.hex ?? '')).payload
    const end = endId(last[0] ?? 0, ((last[1] ?? 0) << 8) | (last[2] ?? 0))

    const challenge = listener.onHello(sent(dialer.helloFrame))
    const prove = dialer.onChallenge(sent(challenge))
    listener.onProve(sent(prove))
    const registered = listener.registered(end, Buffer.from(last).readUIntBE(3, 6))

    const frames = [dialer.helloFrame, challenge, prove, registered].map((pack) => hex(encodePack(pack)))
    expect(frames).toEqual(vector.frames.map((frame) => frame.hex))
    expect(dialer.onRegistered(sent(registered))).toMatchObject({ end })
  })

  it.each(rejected)('ends at the listener: $name', (vector) => {
    const { dialer, listener } = sidesOf(vector)
    listener.onHello(sent(dialer.helloFrame))

    const error = thrownBy(() => listener.onProve(packOf(unhex(vector.frames[2]?.hex ?? ''))))

    expect(error).toMatchObject({ code: 'ERR_CONN_VIOLATION', reason: 'bad_proof' })
  })

  it.each(reflected)('ends at the dialer: $name', (vector) => {
    const { dialer, listener } = sidesOf(vector)
    dialer.onChallenge(sent(listener.onHello(sent(dialer.helloFrame))))

    const error = thrownBy(() => dialer.onRegistered(packOf(unhex(vector.frames[3]?.hex ?? ''))))

    expect(error).toMatchObject({ reason: 'bad_proof' })
  })

  it('covers every outcome of the vectors that a handshake has', () => {
    expect([complete.length, rejected.length, reflected.length].every((count) => count > 0)).toBe(true)
  })
})

describe('a listener that gets hello', () => {
  const hello = () => readHello(newDialer().helloFrame)

  it.each([
    ['no_common_version', { versionMin: 2, versionMax: 3 }],
    ['no_common_version', { versionMin: 0, versionMax: 0 }],
    ['class_mismatch', { linkClass: 'client' as const }],
    ['same_instance', { instance: new Uint8Array(16).fill(2) }],
    ['algorithm_refused', { algorithms: Algorithm.none }],
    ['algorithm_refused', { algorithms: 0 }],
  ])('refuses it with %s for %o', (reason, changed) => {
    const error = thrownBy(() => newListener().onHello(helloPack({ ...hello(), ...changed })))

    expect(error).toMatchObject({ code: 'ERR_CONN_VIOLATION', reason })
  })

  it('chooses version 1 out of a wider range, and one algorithm out of several', () => {
    const algorithms = Algorithm.none | Algorithm.hmacSha256
    const wide = helloPack({ ...hello(), versionMin: 0, versionMax: 9, algorithms, features: 0xffff })

    const challenge = readChallenge(newListener().onHello(wide))

    expect(challenge).toMatchObject({ version: 1, algorithm: Algorithm.hmacSha256, features: 0 })
  })

  it('refuses prove before hello as our own fault', () => {
    expect(() => newListener().onProve(provePack(new Uint8Array(32)))).toThrow('before hello')
    expect(() => newListener().registered(dialerEnd, 1)).toThrow('nothing was proven')
    expect(() => newListener().hello).toThrow('no hello')
  })

  it('makes a new nonce for every conn', () => {
    const nonces = [1, 2].map(() => hex(readChallenge(newListener().onHello(newDialer().helloFrame)).nonce))

    expect(nonces[0]).not.toBe(nonces[1])
  })
})

describe('a dialer that gets a challenge', () => {
  const challengeFor = (dialer: DialerHandshake) => readChallenge(newListener().onHello(dialer.helloFrame))

  it.each([
    ['no_common_version', { version: 2 }],
    ['same_instance', { instance: new Uint8Array(16).fill(1) }],
    ['algorithm_refused', { algorithm: Algorithm.none }],
    ['algorithm_refused', { algorithm: Algorithm.none | Algorithm.hmacSha256 }],
    ['algorithm_refused', { algorithm: 0 }],
  ])('refuses it with %s for %o', (reason, changed) => {
    const dialer = newDialer()
    const challenge = challengePack({ ...challengeFor(dialer), ...changed })

    const error = thrownBy(() => dialer.onChallenge(challenge))

    expect(error).toMatchObject({ code: 'ERR_CONN_VIOLATION', reason })
  })

  it('believes nothing before it, and no registered without it', () => {
    const dialer = newDialer()
    const early = registeredPack({ end: dialerEnd, epoch: 1, proof: new Uint8Array(0) })

    expect(() => dialer.challenge).toThrow('no challenge')
    expect(() => dialer.onRegistered(early)).toThrow('before the challenge')
  })

  it('offers hmac alone when it has a secret, and none alone when it has not', () => {
    expect(readHello(newDialer().helloFrame).algorithms).toBe(Algorithm.hmacSha256)
    expect(readHello(newDialer({ key: undefined }).helloFrame).algorithms).toBe(Algorithm.none)
  })
})

describe('the algorithm none', () => {
  const without = { key: undefined }
  const run = (dialing: Partial<HandshakeSide>, listening: Partial<HandshakeSide>) => {
    const dialer = newDialer(dialing)
    const listener = newListener(listening)
    listener.onProve(sent(dialer.onChallenge(sent(listener.onHello(sent(dialer.helloFrame))))))
    return dialer.onRegistered(sent(listener.registered(dialerEnd, 7)))
  }

  it('is legal if neither side has a secret and both are on loopback', () => {
    expect(run(without, without)).toMatchObject({ end: dialerEnd, epoch: 7, proof: new Uint8Array(0) })
  })

  it.each([
    ['the listener is not on loopback', without, { ...without, isLoopback: false }],
    ['the dialer is not on loopback', { ...without, isLoopback: false }, without],
    ['only the listener has a secret', without, {}],
    ['only the dialer has a secret', {}, without],
  ])('is refused if %s', (_, dialing, listening) => {
    expect(thrownBy(() => run(dialing, listening))).toMatchObject({ reason: 'algorithm_refused' })
  })

  it('leaves no room for a proof that nobody can check', () => {
    const dialer = newDialer(without)
    const listener = newListener(without)
    listener.onHello(dialer.helloFrame)

    expect(thrownBy(() => listener.onProve(provePack(new Uint8Array(32))))).toMatchObject({
      reason: 'bad_proof',
    })
  })
})

describe('a claim', () => {
  it('travels as it is: the end, its last epoch and whether any number will do', () => {
    const claim = { claim: Claim.anyNumber, end: endId(10, 0), lastEpoch: 42 } as const

    const hello = readHello(new DialerHandshake(sideOf(1, { key: testKey }), claim).helloFrame)

    expect(hello).toMatchObject(claim)
  })
})
