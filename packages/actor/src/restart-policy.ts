// Whether and when a child is started again: pure, it takes what happened and returns a decision, which the
// supervisor carries out. (OTP: supervisor, `add_restart` and the restart types.)
import type { ResolvedSpawnOptions } from './options.ts'

/** What is remembered of a child's crashes. */
export interface CrashHistory {
  /** Times of the crashes inside the intensity window, newest first, monotonic ms. */
  readonly crashes: readonly number[]
  /** Crashes in a row, without a quiet run between them. */
  readonly streak: number
}

export const noCrashes: CrashHistory = Object.freeze({ crashes: Object.freeze([]), streak: 0 })

/** How a child came to its end. */
export interface ChildEnd {
  readonly isCrash: boolean
  readonly nowMs: number
  /** When it was last started. */
  readonly startedAt: number
  /** A number in [0, 1) from the injected chance. */
  readonly chance: number
}

export type RestartDecision =
  | { readonly kind: 'stop' }
  | {
      readonly kind: 'restart'
      readonly delayMs: number
      /** Its intensity is exhausted: it is tried at the backoff's cap, and shown so. */
      readonly isLooping: boolean
      readonly history: CrashHistory
    }

export type RestartPolicy = Pick<ResolvedSpawnOptions, 'restart' | 'intensity' | 'backoff'>

export function decideRestart(history: CrashHistory, end: ChildEnd, policy: RestartPolicy): RestartDecision {
  if (policy.restart === 'temporary' || (policy.restart === 'transient' && !end.isCrash))
    return { kind: 'stop' }
  const { restarts, withinMs } = policy.intensity
  const crashes = [end.nowMs, ...history.crashes.filter((at) => at > end.nowMs - withinMs)].slice(
    0,
    restarts + 1,
  )
  const wasQuiet = end.nowMs - end.startedAt >= policy.backoff.resetAfterMs
  const streak = wasQuiet ? 1 : history.streak + 1
  const isLooping = crashes.length > restarts
  return {
    kind: 'restart',
    delayMs: delayMs(streak, isLooping, { ...end, ...policy }),
    isLooping,
    history: { crashes, streak },
  }
}

function delayMs(streak: number, isLooping: boolean, { chance, backoff }: ChildEnd & RestartPolicy): number {
  const full = isLooping
    ? backoff.maxMs
    : Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(streak - 1, 30))
  return Math.round(full * (1 - backoff.jitter * chance))
}
