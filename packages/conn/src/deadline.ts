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
  /** The deadline that runs now. */
  readonly current: number
  readonly drainTimeoutMs: number
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
    case 'goodbye': {
      // Whoever drains keeps what is left of that time.
      const left = Number.isFinite(input.current) ? input.current : 0
      return Math.max(left, input.nowMs + goodbyeMs)
    }
  }
}
