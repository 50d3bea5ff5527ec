// Calls into a user's code: listeners, hooks, stop functions. Whatever they throw, or return rejected, goes to
// `onFault` and nowhere else, so that nothing of a user's ever becomes an uncaught error.

export function guard(call: () => unknown, onFault: (error: unknown) => void): void {
  try {
    const result = call()
    if (isThenable(result)) result.then(undefined, onFault)
  } catch (error) {
    onFault(error)
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  // A value of unknown shape: anything with a `then` method is awaited, as `await` does.
  return (
    value instanceof Promise || typeof (value as { then?: unknown } | null | undefined)?.then === 'function'
  )
}
