// How long each state of a conn may last. Pure: the conn keeps the stamp and the sweep compares it.
import type { DeadlineName } from './conn-machine.ts'

/** Time for bye and for the peer's end, at the least. */
const goodbyeMs = 1_000

/** What options say of a conn's states. */
export interface DeadlineTimes {
  readonly dialTimeoutMs: number
  readonly registerTimeoutMs: number
}

export interface DeadlineInput extends DeadlineTimes {
  readonly nowMs: number
  readonly drainTimeoutMs: number
  /** Until when a drain that was begun may last; 0 if none was. */
  readonly drainUntil: number
}

/** When the state that begins now ends at the latest, on the clock of `nowMs`. */
export function nextDeadline(name: DeadlineName, input: DeadlineInput): number {
  switch (name) {
    case 'none':
      return Number.POSITIVE_INFINITY
    case 'dial':
      return input.nowMs + input.dialTimeoutMs
    case 'register':
      return input.nowMs + input.registerTimeoutMs
    case 'drain':
      return input.nowMs + input.drainTimeoutMs
    case 'goodbye':
      // Whoever drains keeps what is left of that time.
      return Math.max(input.drainUntil, input.nowMs + goodbyeMs)
  }
}
