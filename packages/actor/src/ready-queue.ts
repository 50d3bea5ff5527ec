// The actors that have something to do. No message runs inside the call that sent it: a post adds the actor here,
// and the queue runs at the end of the turn, or after a quantum of packs. So no stack grows and nobody starves.
import type { Clock } from '@p2pnet/wire'

/** Something with messages to handle. */
export interface Runnable {
  /** Handles at most `quantum` messages and returns how many. Adds itself again if there are more. Never throws. */
  run(quantum: number): number
}

/** Messages of one actor before the next has its turn. */
const quantum = 64
/** Messages, and ms, before the event loop has its turn. */
const messagesPerTurn = 2_048
const msPerTurn = 8

export class ReadyQueue {
  readonly #clock: Clock
  #ready: Runnable[] = []
  #next = 0
  #isRunning = false
  #isScheduled = false
  #nowMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The monotonic clock, read once per actor and turn: good enough for deadlines, and cheap. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Adds an actor, which must not be in the queue already. */
  add(runnable: Runnable): void {
    this.#ready.push(runnable)
    if (!this.#isScheduled && !this.#isRunning) this.#schedule()
  }

  /** Runs until nothing is ready or the turn is over; what is left runs in the next turn. */
  readonly run = (): void => {
    if (this.#isRunning || this.#ready.length === 0) return
    this.#isRunning = true
    this.#nowMs = this.#clock.mono()
    const endAt = this.#nowMs + msPerTurn
    let left = messagesPerTurn
    try {
      while (this.#next < this.#ready.length && left > 0) {
        const runnable = this.#ready[this.#next++] as Runnable // Below the length.
        left -= Math.max(1, runnable.run(Math.min(quantum, left)))
        this.#nowMs = this.#clock.mono()
        if (this.#nowMs >= endAt) break
      }
    } finally {
      // Also after a bug of ours: one actor's must not leave all others waiting for ever.
      this.#isRunning = false
      this.#compact()
      if (this.#ready.length > 0 && !this.#isScheduled) this.#schedule()
    }
  }

  #schedule(): void {
    this.#isScheduled = true
    this.#clock.setImmediate(() => {
      this.#isScheduled = false
      this.run()
    })
  }

  #compact(): void {
    this.#ready = this.#next === this.#ready.length ? [] : this.#ready.slice(this.#next)
    this.#next = 0
  }
}
