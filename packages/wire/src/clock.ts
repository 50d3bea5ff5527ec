// Time and chance, injected everywhere: nothing else in the project calls Date.now, setTimeout or Math.random,
// so that one seed and one simulated clock can replay a whole net. The shape fits xstate's own clock.

/** What a timer is cancelled with. Opaque: a number, an object, whatever the clock uses. */
export type TimerHandle = unknown

export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number
  /** A clock that never goes back, ms. */
  mono(): number
  setTimeout(callback: () => void, delayMs: number): TimerHandle
  clearTimeout(handle: TimerHandle): void
  /** Runs at the end of this turn of the event loop. */
  setImmediate(callback: () => void): void
}

/** A number in [0, 1), as Math.random gives it. Never used for keys or nonces. */
export type Random = () => number

export const systemClock: Clock = {
  now: () => Date.now(),
  mono: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout), // Only handles of our own setTimeout get here.
  setImmediate: (callback) => void setImmediate(callback),
}

export const systemRandom: Random = () => Math.random()
