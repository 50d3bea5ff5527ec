// Waits for what a test is about, over real sockets: looks again after every turn of the event loop.

const giveUpAfterMs = 10_000

export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

export async function until(what: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + giveUpAfterMs
  while (!what()) {
    if (performance.now() > giveUpAt) throw new Error(`never came true: ${what}`)
    await nextTurn()
  }
}
