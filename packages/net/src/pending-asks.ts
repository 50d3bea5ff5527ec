// The asks of this node that wait for an answer: a ring of slots by sequence, so that neither asking nor settling
// touches a hash map. A slot still pending is skipped. Each ask ends exactly once. Owned by the messenger.
import { AskError, type Failure, type OpenAsk } from '@p2pnet/actor'
import type { Clock, EndId } from '@p2pnet/wire'
import type { Peer } from './peer.ts'

export interface PendingAsk {
  readonly seq: number
  readonly destination: EndId
  /** The peer it went to; undefined for a local one. */
  readonly peer: Peer | undefined
  readonly deadlineAt: number
  /** Who asked. */
  readonly from: EndId
  /** The other side of a local ask. */
  readonly local: OpenAsk | undefined
  readonly resolve: (value: unknown) => void
  readonly reject: (error: AskError) => void
  /** Undoes what the ask holds: an abort listener. */
  release: (() => void) | undefined
}

export interface PendingAsksSetup {
  readonly clock: Clock
  /** A power of two. */
  readonly capacity: number
  /** Ends the ask that it is given. */
  readonly onTimeout: (ask: PendingAsk) => void
  /** An ask that went to this peer, or to an actor here, waits no more. */
  readonly onEnded?: (peer: Peer | undefined) => void
  /** @default 1 */
  readonly firstSeq?: number
}

/** Expiries closer together than this are handled together. */
const timerSlackMs = 4

export class PendingAsks {
  readonly #clock: Clock
  readonly #slots: (PendingAsk | undefined)[]
  readonly #mask: number
  readonly #onTimeout: (ask: PendingAsk) => void
  readonly #onEnded: (peer: Peer | undefined) => void
  /** How the asks of this node ended; together with those still open, all that were begun. */
  replied = 0
  failed = 0
  #nextSeq: number
  #size = 0
  #timerAt = Number.POSITIVE_INFINITY
  #timer: unknown

  constructor({ clock, capacity, onTimeout, onEnded = () => {}, firstSeq = 1 }: PendingAsksSetup) {
    this.#clock = clock
    this.#slots = new Array<PendingAsk | undefined>(capacity)
    this.#mask = capacity - 1
    this.#onTimeout = onTimeout
    this.#onEnded = onEnded
    this.#nextSeq = firstSeq
  }

  get size(): number {
    return this.#size
  }

  /** The sequence of the next ask; undefined when the table is full. */
  nextSeq(): number | undefined {
    if (this.#size > this.#mask) return undefined
    while (this.#slots[this.#nextSeq & this.#mask] !== undefined) this.#advance()
    const seq = this.#nextSeq
    this.#advance()
    return seq
  }

  /** Keeps an ask in the slot of its sequence. */
  add(ask: PendingAsk): void {
    this.#slots[ask.seq & this.#mask] = ask
    this.#size++
    if (ask.peer !== undefined) ask.peer.waitingAsks++
    if (ask.deadlineAt < this.#timerAt) this.#arm(ask.deadlineAt)
  }

  /** The ask of this sequence, without taking it. */
  get(seq: number): PendingAsk | undefined {
    const ask = this.#slots[seq & this.#mask]
    return ask?.seq === seq ? ask : undefined
  }

  settle(ask: PendingAsk, reply: unknown): void {
    if (!this.#take(ask)) return
    this.replied++
    ask.resolve(reply)
  }

  /** False when it had ended before: then nothing may be done with it. */
  fail(ask: PendingAsk, failure: Failure): boolean {
    if (!this.#take(ask)) return false
    this.failed++
    ask.reject(new AskError(failure))
    return true
  }

  /** An ask that was never begun. */
  refuse(failure: Failure): Promise<never> {
    this.failed++
    return Promise.reject(new AskError(failure))
  }

  /** All that pend, for the rare occasions: a conn has died, the net closes. */
  all(): PendingAsk[] {
    return this.#size === 0 ? [] : this.#slots.filter((ask) => ask !== undefined)
  }

  /** Stops the timer. */
  close(): void {
    this.#clock.clearTimeout(this.#timer)
  }

  #take(ask: PendingAsk): boolean {
    const slot = ask.seq & this.#mask
    if (this.#slots[slot] !== ask) return false
    this.#slots[slot] = undefined
    this.#size--
    if (ask.peer !== undefined) ask.peer.waitingAsks--
    ask.release?.()
    this.#onEnded(ask.peer)
    return true
  }

  #advance(): void {
    this.#nextSeq = (this.#nextSeq + 1) >>> 0
  }

  #arm(deadlineAt: number): void {
    this.#clock.clearTimeout(this.#timer)
    this.#timerAt = deadlineAt
    const delayMs = Math.max(1, Math.ceil(deadlineAt - this.#clock.mono()))
    this.#timer = this.#clock.setTimeout(() => this.#expire(), delayMs)
  }

  /** Ends what is due and looks for the next deadline. Runs once per deadline, not once per ask. */
  #expire(): void {
    const nowMs = this.#clock.mono() + timerSlackMs
    let next = Number.POSITIVE_INFINITY
    this.#timerAt = next
    for (const ask of this.all()) {
      if (ask.deadlineAt > nowMs) next = Math.min(next, ask.deadlineAt)
      else this.#onTimeout(ask)
    }
    if (next < this.#timerAt) this.#arm(next)
  }
}
