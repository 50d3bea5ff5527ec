// Promises that a test ends when it wants to, and values that are unpleasant to handle.

export interface Gate<Value = unknown> {
  readonly promise: Promise<Value>
  open(value: Value): void
  break(error: unknown): void
}

export function gate<Value = unknown>(): Gate<Value> {
  let open: (value: Value) => void = () => {}
  let break_: (error: unknown) => void = () => {}
  const promise = new Promise<Value>((resolve, reject) => {
    open = resolve
    break_ = reject
  })
  return { promise, open, break: break_ }
}

/** What a behaviour may throw, by name. */
export const thrown: readonly (readonly [string, unknown])[] = [
  ['an error', new Error('boom')],
  ['undefined', undefined],
  ['null', null],
  ['a string', 'boom'],
  ['a plain object', { code: 1 }],
  ['an object without a prototype', Object.create(null)],
  [
    'an error with a throwing message',
    Object.defineProperty(new Error('boom'), 'message', {
      get: () => {
        throw new Error('in the getter')
      },
    }),
  ],
  [
    'an object that cannot be looked at',
    new Proxy(
      {},
      {
        get: () => {
          throw new Error('in the trap')
        },
        getPrototypeOf: () => {
          throw new Error('in the trap')
        },
      },
    ),
  ],
]
