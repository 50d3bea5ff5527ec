// One timer for the deadlines and heartbeats of all conns: a stamp per chunk and one sweep cost a hundredth of a
// timer per pack. A sweep that comes late was our own stall, so its lateness is forgiven to every conn.
import type { Clock } from '@p2pnet/wire'

/** What the sweep visits. */
export interface Swept {
  /** Looks at its deadlines. */
  sweep(nowMs: number): void
  /** Moves its stamps forward by a time in which we were not able to read. */
  forgive(lateMs: number): void
}

const intervalMs = 250

export class Sweep {
  readonly #clock: Clock
  readonly #swept = new Set<Swept>()
  #dueAt = 0
  #isArmed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  add(swept: Swept): void {
    this.#swept.add(swept)
    if (!this.#isArmed) this.#arm()
  }

  delete(swept: Swept): void {
    this.#swept.delete(swept)
  }

  /** The timer runs only while there is something to visit. */
  #arm(): void {
    this.#isArmed = true
    this.#dueAt = this.#clock.mono() + intervalMs
    this.#clock.setTimeout(() => this.#run(), intervalMs)
  }

  #run(): void {
    const nowMs = this.#clock.mono()
    const lateMs = nowMs - this.#dueAt
    for (const swept of this.#swept) {
      if (lateMs > intervalMs) swept.forgive(lateMs)
      swept.sweep(nowMs)
    }
    this.#isArmed = false
    if (this.#swept.size > 0) this.#arm()
  }
}
