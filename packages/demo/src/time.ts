// Waiting, for all processes of the demo. It uses p2pnet's own clock, which is the only one that anything here reads;
// whatever is begun here can be stopped or has an end.
import { systemClock } from 'p2pnet'

/** Runs something once, later. Returns what stops it. */
export function after(delayMs: number, run: () => void): () => void {
  const timer = systemClock.setTimeout(run, delayMs)
  return () => systemClock.clearTimeout(timer)
}

/** Runs something again and again, the first time after one interval. Returns what stops it. */
export function every(intervalMs: number, run: () => void): () => void {
  let stop = (): void => {}
  const arm = (): void => {
    stop = after(intervalMs, () => {
      arm()
      run()
    })
  }
  arm()
  return () => stop()
}

export const wait = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    after(delayMs, resolve)
  })

/** Waits until something is so; false when that takes too long. */
export async function waitUntil(isSo: () => boolean, timeoutMs: number): Promise<boolean> {
  const endAt = systemClock.mono() + timeoutMs
  while (!isSo()) {
    if (systemClock.mono() > endAt) return false
    await wait(20)
  }
  return true
}

/** Waits for a promise. @throws Error saying `late` when that takes too long. */
export async function within<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  late: string,
): Promise<Value> {
  let stop = (): void => {}
  const timeout = new Promise<never>((_resolve, reject) => {
    stop = after(timeoutMs, () => reject(new Error(late)))
  })
  try {
    return await Promise.race([promise, timeout])
  } finally {
    stop()
  }
}
