// Laws of registering over random input: whoever changes a byte, or does not know the secret, is never accepted.
import { randomBytes } from 'node:crypto'
import { encodePack, type P2pPack, provePack, registeredPack } from '@p2pnet/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dialerEnd, newDialer, newListener, packOf, sent } from './handshake-vectors.ts'

/** Changes a frame on its way; the pack that arrives, or a throw when none does. */
type Tamper = (frame: Uint8Array, step: number) => Uint8Array

/** Both sides' verdicts: true only if the dialer has opened, which it does last. */
function isAccepted(tamper: Tamper): boolean {
  const dialer = newDialer()
  const listener = newListener()
  const over = (pack: P2pPack, step: number): P2pPack => {
    const arrived = packOf(tamper(encodePack(pack), step))
    // A conn takes no other kind in this phase.
    if (arrived.kind !== pack.kind) throw new Error('another kind')
    return arrived
  }
  try {
    const challenge = listener.onHello(over(dialer.helloFrame, 0))
    listener.onProve(over(dialer.onChallenge(over(challenge, 1)), 2))
    dialer.onRegistered(over(listener.registered(dialerEnd, 1_795_000_000_001), 3))
    return true
  } catch {
    return false
  }
}

/** The last frame proves its payload. Of its header nobody reads the ends, hops and call id of a control frame. */
const isUnread = (step: number, at: number): boolean => step === 3 && at >= 8 && at < 24 && at !== 15

const verdictOf = (check: () => unknown): string => {
  try {
    check()
    return 'accepted'
  } catch (error) {
    return error instanceof Error && 'reason' in error ? String(error.reason) : String(error)
  }
}

describe('registering', () => {
  it('is accepted when nobody touches it', () => {
    expect(isAccepted((frame) => frame)).toBe(true)
  })

  it('is never accepted with a byte changed in any of its frames', () => {
    const change = fc.record({
      step: fc.integer({ min: 0, max: 3 }),
      at: fc.nat(),
      mask: fc.integer({ min: 1, max: 255 }),
    })

    fc.assert(
      fc.property(change, ({ step, at, mask }) => {
        let isHarmless = false
        const tamper: Tamper = (frame, now) => {
          if (now !== step) return frame
          isHarmless = isUnread(step, at % frame.length)
          return frame.map((byte, index) => (index === at % frame.length ? byte ^ mask : byte))
        }

        expect(isAccepted(tamper)).toBe(isHarmless)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is never accepted with a frame cut or made longer', () => {
    const change = fc.record({ step: fc.integer({ min: 0, max: 3 }), by: fc.integer({ min: -40, max: 40 }) })

    fc.assert(
      fc.property(
        change.filter(({ by }) => by !== 0),
        ({ step, by }) => {
          const tamper: Tamper = (frame, now) => {
            if (now !== step) return frame
            const resized = new Uint8Array(frame.length + by)
            resized.set(frame.subarray(0, resized.length))
            new DataView(resized.buffer).setUint32(0, Math.max(20, resized.length - 4))
            return resized
          }

          expect(isAccepted(tamper)).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('a proof', () => {
  it('of an earlier conn is never accepted again, by either side', () => {
    for (let round = 0; round < 100; round++) {
      const early = { dialer: newDialer(), listener: newListener() }
      const prove = early.dialer.onChallenge(sent(early.listener.onHello(sent(early.dialer.helloFrame))))
      early.listener.onProve(prove)
      const registered = early.listener.registered(dialerEnd, 1)
      const late = { dialer: newDialer(), listener: newListener() }

      const replayedHello = late.listener.onHello(sent(early.dialer.helloFrame))
      const toListener = verdictOf(() => late.listener.onProve(sent(prove)))
      late.dialer.onChallenge(sent(replayedHello))
      const toDialer = verdictOf(() => late.dialer.onRegistered(sent(registered)))

      expect([toListener, toDialer]).toEqual(['bad_proof', 'bad_proof'])
    }
  })

  it('is never accepted when it is reflected', () => {
    const [dialer, listener] = [newDialer(), newListener()]
    const prove = dialer.onChallenge(sent(listener.onHello(sent(dialer.helloFrame))))

    const verdict = verdictOf(() =>
      dialer.onRegistered(sent(registeredPack({ end: dialerEnd, epoch: 1, proof: prove.payload }))),
    )

    expect(verdict).toBe('bad_proof')
  })

  it('that is forged is accepted 0 times out of 10,000', () => {
    const verdicts = new Map<string, number>()
    const hello = newDialer().helloFrame

    for (let forged = 0; forged < 10_000; forged++) {
      const listener = newListener()
      listener.onHello(hello)
      const verdict = verdictOf(() => listener.onProve(provePack(randomBytes(32))))
      verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
    }

    expect([...verdicts]).toEqual([['bad_proof', 10_000]])
  })
})
