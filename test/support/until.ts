// Waits for what a test is about, on the real clock: looks again after every turn of the event loop.

const giveUpAfterMs = 15_000

export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export async function until(what: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + giveUpAfterMs
  while (!what()) {
    if (performance.now() > giveUpAt) throw new Error(`never came true: ${what}`)
    await nextTurn()
  }
}

/** What a promise is rejected with; an error of its own when it is not. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown
  try {
    value = await promise
  } catch (error) {
    return error
  }
  throw new Error(`resolved, with ${JSON.stringify(value)}`)
}

/** What a call throws. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  throw new Error('did not throw')
}
