import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type CrashHistory, decideRestart, noCrashes, type RestartPolicy } from '../src/restart-policy.ts'

const policies: fc.Arbitrary<RestartPolicy> = fc.record({
  restart: fc.constant('permanent' as const),
  intensity: fc.record({
    restarts: fc.integer({ min: 1, max: 6 }),
    withinMs: fc.integer({ min: 1, max: 10_000 }),
  }),
  backoff: fc
    .record({
      minMs: fc.integer({ min: 0, max: 1_000 }),
      more: fc.integer({ min: 0, max: 10_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
      resetAfterMs: fc.integer({ min: 1, max: 20_000 }),
    })
    .map(({ more, ...backoff }) => ({ ...backoff, maxMs: backoff.minMs + more })),
})

/** A life of a child: how long it ran, and how long it waited before that. */
const lives = fc.array(
  fc.record({
    pauseMs: fc.nat(5_000),
    ranMs: fc.nat(25_000),
    isCrash: fc.boolean(),
    chance: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  }),
  { minLength: 1, maxLength: 30 },
)

it('keeps every delay within the bounds of the backoff, and loops exactly when the window is too full', () => {
  fc.assert(
    fc.property(policies, lives, (policy, runs) => {
      const { intensity, backoff } = policy
      const times: number[] = []
      let history: CrashHistory = noCrashes
      let nowMs = 0
      for (const { pauseMs, ranMs, isCrash, chance } of runs) {
        const startedAt = nowMs + pauseMs
        nowMs = startedAt + ranMs
        times.push(nowMs)

        const decision = decideRestart(history, { isCrash, nowMs, startedAt, chance }, policy)

        if (decision.kind !== 'restart') throw new Error('a permanent child is always restarted')
        const recent = times.filter((time) => time > nowMs - intensity.withinMs).length
        expect(decision.isLooping).toBe(recent > intensity.restarts)
        const full = decision.isLooping ? backoff.maxMs : backoff.minMs
        expect(decision.delayMs).toBeGreaterThanOrEqual(Math.floor(full * (1 - backoff.jitter)))
        expect(decision.delayMs).toBeLessThanOrEqual(backoff.maxMs)
        if (ranMs >= backoff.resetAfterMs) expect(decision.history.streak).toBe(1)
        history = decision.history
      }
    }),
    { numRuns: 300 },
  )
})

it('never waits less after a longer row of crashes', () => {
  fc.assert(
    fc.property(
      policies,
      fc.nat(50),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (policy, streak, chance) => {
        const end = { isCrash: true, nowMs: 0, startedAt: 0, chance }

        const [shorter, longer] = [streak, streak + 1].map((row) =>
          decideRestart({ crashes: [], streak: row }, end, policy),
        )

        expect(longer).toMatchObject({ kind: 'restart' })
        if (shorter?.kind === 'restart' && longer?.kind === 'restart')
          expect(longer.delayMs).toBeGreaterThanOrEqual(shorter.delayMs)
      },
    ),
  )
})

it('restarts by the type of the child alone, whatever has happened', () => {
  const types = fc.constantFrom('permanent' as const, 'transient' as const, 'temporary' as const)
  fc.assert(
    fc.property(policies, types, fc.boolean(), fc.nat(100), (policy, restart, isCrash, streak) => {
      const end = { isCrash, nowMs: 1_000, startedAt: 0, chance: 0 }

      const { kind } = decideRestart({ crashes: [], streak }, end, { ...policy, restart })

      const restarts = restart === 'permanent' || (restart === 'transient' && isCrash)
      expect(kind).toBe(restarts ? 'restart' : 'stop')
    }),
  )
})
