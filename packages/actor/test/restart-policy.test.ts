import { describe, expect, it } from 'vitest'
import { defaultSpawnOptions, type RestartType } from '../src/options.ts'
import { type ChildEnd, type CrashHistory, decideRestart, noCrashes } from '../src/restart-policy.ts'

const policy = {
  restart: 'permanent' as RestartType,
  intensity: { restarts: 3, withinMs: 5_000 },
  backoff: { minMs: 20, maxMs: 3_000, jitter: 0.2, resetAfterMs: 10_000 },
}

const crash = (nowMs: number, more: Partial<ChildEnd> = {}): ChildEnd => ({
  isCrash: true,
  nowMs,
  startedAt: nowMs,
  chance: 0,
  ...more,
})

/** The decisions after crashes at these times. */
function decisions(times: readonly number[], given: Partial<typeof policy> = {}) {
  let history: CrashHistory = noCrashes
  return times.map((nowMs) => {
    const decision = decideRestart(history, crash(nowMs), { ...policy, ...given })
    if (decision.kind === 'restart') history = decision.history
    return decision
  })
}

const loopings = (times: readonly number[]) =>
  decisions(times).map((decision) => decision.kind === 'restart' && decision.isLooping)

const delays = (times: readonly number[], given: Partial<typeof policy> = {}) =>
  decisions(times, given).map((decision) => (decision.kind === 'restart' ? decision.delayMs : undefined))

describe('the restart type', () => {
  it.each([
    ['permanent', true, 'restart'],
    ['permanent', false, 'restart'],
    ['transient', true, 'restart'],
    ['transient', false, 'stop'],
    ['temporary', true, 'stop'],
    ['temporary', false, 'stop'],
  ] as const)('%s, crash %s: %s', (restart, isCrash, kind) => {
    const decision = decideRestart(noCrashes, crash(1_000, { isCrash }), { ...policy, restart })

    expect(decision.kind).toBe(kind)
  })

  it('is transient unless said otherwise', () => {
    expect(defaultSpawnOptions.restart).toBe('transient')
  })
})

describe('the intensity', () => {
  it('allows as many crashes in the window as it says, and loops at one more', () => {
    expect(loopings([0, 1, 2, 3])).toEqual([false, false, false, true])
  })

  it('counts a crash one ms younger than the window', () => {
    expect(loopings([0, 1, 2, 4_999])).toEqual([false, false, false, true])
  })

  it('forgets a crash that is exactly as old as the window', () => {
    expect(loopings([0, 1, 2, 5_000])).toEqual([false, false, false, false])
  })

  it('ends the looping when the window has passed', () => {
    expect(loopings([0, 1, 2, 3, 20_000])).toEqual([false, false, false, true, false])
  })

  it('remembers no more crashes than it needs', () => {
    const last = decisions(Array.from({ length: 100 }, (_, index) => index)).at(-1)

    expect(last).toMatchObject({ kind: 'restart', history: { crashes: [99, 98, 97, 96] } })
  })
})

describe('the backoff', () => {
  const patient = { intensity: { restarts: 100, withinMs: 5_000 } }

  it('doubles from its minimum to its maximum', () => {
    const times = Array.from({ length: 10 }, (_, index) => index)

    expect(delays(times, patient)).toEqual([20, 40, 80, 160, 320, 640, 1_280, 2_560, 3_000, 3_000])
  })

  it('stays at its maximum however long the row is', () => {
    const times = Array.from({ length: 5_000 }, (_, index) => index)

    expect(delays(times, patient).at(-1)).toBe(3_000)
  })

  it('stays at no wait where that is the minimum, however long the row is', () => {
    const history = { crashes: [], streak: 5_000 }
    const backoff = { ...policy.backoff, minMs: 0 }

    const decision = decideRestart(history, crash(0), { ...policy, backoff })

    expect(decision).toMatchObject({ delayMs: 0 })
  })

  it('is at its maximum at once for a child that loops', () => {
    expect(delays([0, 1, 2, 3])).toEqual([20, 40, 80, 3_000])
  })

  it('begins anew after a run as long as the quiet time, and not one ms before', () => {
    const history = { crashes: [], streak: 5 }

    const quiet = decideRestart(history, crash(30_000, { startedAt: 20_000 }), policy)
    const tooShort = decideRestart(history, crash(30_000, { startedAt: 20_001 }), policy)

    expect(quiet).toMatchObject({ delayMs: 20, history: { streak: 1 } })
    expect(tooShort).toMatchObject({ delayMs: 640, history: { streak: 6 } })
  })

  it.each([
    [0, 20],
    [0.5, 18],
    [0.999_999, 16],
  ])('is shortened by chance: %s of the jitter gives %s ms', (chance, delayMs) => {
    expect(decideRestart(noCrashes, crash(0, { chance }), policy)).toMatchObject({ delayMs })
  })
})

it('changes nothing of the history it is given', () => {
  const history = Object.freeze({ crashes: Object.freeze([5, 4]), streak: 2 })

  const decision = decideRestart(history, crash(6), policy)

  expect(decision).toMatchObject({ history: { crashes: [6, 5, 4], streak: 3 } })
  expect(history).toEqual({ crashes: [5, 4], streak: 2 })
})
