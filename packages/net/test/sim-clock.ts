// A clock driven by hand: time passes when a test says so, and promises get their turns in between.
import type { Clock, TimerHandle } from '@p2pnet/wire'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

const turnsMax = 100_000
/** Promises that wait for promises settle within so many turns of the microtask queue. */
const microtasksPerTurn = 20

export class SimClock implements Clock {
  #nowMs = 0
  #immediates: (() => void)[] = []
  readonly #timers = new Set<Timer>()

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.size
  }

  now(): number {
    return 1_700_000_000_000 + this.#nowMs
  }

  mono(): number {
    return this.#nowMs
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = { at: this.#nowMs + delayMs, callback }
    this.#timers.add(timer)
    return timer
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer) // Only handles of our own setTimeout get here.
  }

  setImmediate(callback: () => void): void {
    this.#immediates.push(callback)
  }

  /** Turns of the event loop until nothing is left to do at this time. */
  async settle(): Promise<void> {
    for (let turns = 0; turns < turnsMax; turns++) {
      for (let count = 0; count < microtasksPerTurn; count++) await Promise.resolve()
      if (this.#immediates.length === 0) return
      const due = this.#immediates
      this.#immediates = []
      for (const callback of due) callback()
    }
    throw new Error('the event loop never comes to rest')
  }

  /** Time passes, and all that is due runs at its time. */
  async advance(ms: number): Promise<void> {
    const endAt = this.#nowMs + ms
    await this.settle()
    for (let timer = this.#next(endAt); timer !== undefined; timer = this.#next(endAt)) {
      this.#nowMs = Math.max(this.#nowMs, timer.at)
      this.#timers.delete(timer)
      timer.callback()
      await this.settle()
    }
    this.#nowMs = endAt
  }

  #next(endAt: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= endAt && (next === undefined || timer.at < next.at)) next = timer
    }
    return next
  }
}
