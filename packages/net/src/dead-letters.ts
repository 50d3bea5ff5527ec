// Messages that were not handled to their end: counted by reason, logged with growing distance, never kept.
import type { DeadLetterReason, Message } from '@p2pnet/actor'
import { type EndId, formatEnd } from '@p2pnet/wire'
import type { NetState } from './net-state.ts'

export class DeadLetters {
  readonly #state: NetState

  constructor(state: NetState) {
    this.#state = state
  }

  /** A message that was accepted before. */
  add(message: Message, to: EndId, reason: DeadLetterReason): void {
    const { counters, deadLettersByReason, options } = this.#state
    counters.deadLetters++
    const count = (deadLettersByReason.get(reason) ?? 0) + 1
    deadLettersByReason.set(reason, count)
    // The 1st, 2nd, 4th, 8th ... of a reason: a flood of dead letters is no flood of log lines.
    if ((count & (count - 1)) !== 0) return
    options.logger.warn({ from: formatEnd(message.from), to: formatEnd(to), reason, count }, 'dead letter')
  }

  /** A message that found no mailbox: accepted and dead at once. */
  addUnrouted(message: Message, to: EndId, reason: DeadLetterReason): void {
    this.#state.counters.accepted++
    this.add(message, to, reason)
  }
}
