// A clock driven by hand: timers and turns of the event loop run when a test says so, and in an order that is
// the same every time.
import type { Clock, TimerHandle } from '@p2pnet/wire'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

const turnsMax = 100_000

export class SimClock implements Clock {
  #nowMs = 0
  #immediates: (() => void)[] = []
  readonly #timers = new Set<Timer>()

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.size
  }

  /** Something is to run in the next turn. */
  get isBusy(): boolean {
    return this.#immediates.length > 0
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

  /** One turn of the event loop. */
  turn(): void {
    const due = this.#immediates
    this.#immediates = []
    for (const callback of due) callback()
  }

  /** Turns until nothing is left to do at this time. */
  settle(): void {
    for (let turns = 0; this.#immediates.length > 0; turns++) {
      if (turns === turnsMax) throw new Error('the event loop never comes to rest')
      this.turn()
    }
  }

  /** Time passes, and all that is due runs at its time. */
  advance(ms: number): void {
    const until = this.#nowMs + ms
    this.settle()
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#nowMs = Math.max(this.#nowMs, timer.at)
      this.#timers.delete(timer)
      timer.callback()
      this.settle()
    }
    this.#nowMs = until
  }

  /** As `advance`, with the promises of every step settled before the next. */
  async advanceAsync(ms: number): Promise<void> {
    const until = this.#nowMs + ms
    await this.rest()
    for (let timer = this.#next(until); timer !== undefined; timer = this.#next(until)) {
      this.#nowMs = Math.max(this.#nowMs, timer.at)
      this.#timers.delete(timer)
      timer.callback()
      await this.rest()
    }
    this.#nowMs = until
  }

  /** Turns, and the promises between them, until nothing is left to do at this time. */
  async rest(): Promise<void> {
    for (let turns = 0; ; turns++) {
      if (turns === turnsMax) throw new Error('the event loop never comes to rest')
      // A turn of the real event loop: all promises that can be settled are.
      await new Promise<void>((resolve) => setImmediate(resolve))
      if (!this.isBusy) return
      this.turn()
    }
  }

  /** Our own stall: time passes and nothing runs. */
  stall(ms: number): void {
    this.#nowMs += ms
  }

  #next(until: number): Timer | undefined {
    let next: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer
    }
    return next
  }
}
