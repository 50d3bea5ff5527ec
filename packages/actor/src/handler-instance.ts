// One life of a handler: its state, and the calls into its three functions. No xstate anywhere near.
import { guard, isThenable } from '@p2pnet/wire'
import type { ActorCell } from './actor-cell.ts'
import type { HandlerLogic, StopReason } from './behaviour.ts'
import { Context } from './context.ts'
import type { Instance } from './instance.ts'
import type { Message } from './message.ts'

export class HandlerInstance implements Instance {
  readonly concurrency: number
  readonly #cell: ActorCell
  readonly #logic: HandlerLogic
  #state: unknown
  #hasState = false
  #stopReason: StopReason | undefined
  /** Ends the wait for an `init` under way: one that hangs must not hold up who waits for the start. */
  #onGivenUp: (() => void) | undefined

  constructor(cell: ActorCell, logic: HandlerLogic) {
    this.#cell = cell
    this.#logic = logic
    this.concurrency = logic.concurrency
  }

  start(): void | PromiseLike<void> {
    const { init } = this.#logic.handler
    const state = init?.(this.#cell.options.input, new Context(this.#cell, this, undefined))
    if (!isThenable(state)) return this.#keepState(state)
    return new Promise((resolve, reject) => {
      this.#onGivenUp = resolve
      Promise.resolve(state).then((value) => resolve(this.#keepState(value)), reject)
    })
  }

  handle(message: Message, value: unknown): void {
    const ctx = new Context(this.#cell, this, message)
    let result: unknown
    let isAsync: boolean
    try {
      result = this.#logic.handler.handle(this.#state, value, ctx)
      isAsync = isThenable(result)
    } catch (error) {
      return this.#cell.crashed(this, error, message)
    }
    if (!isAsync) return this.#cell.completed(message, ctx, result)
    this.#cell.work.begin(ctx)
    // A promise stays itself; any other thenable is adopted, so that it can neither throw here nor end twice.
    Promise.resolve(result).then(
      (reply) => this.#cell.ended(ctx, () => this.#cell.completed(message, ctx, reply)),
      (error) => this.#cell.ended(ctx, () => this.#cell.crashed(this, error, message)),
    )
  }

  stop(reason: StopReason): unknown {
    this.#stopReason = reason
    this.#onGivenUp?.()
    return this.#hasState ? this.#logic.handler.stop?.(this.#state, reason) : undefined
  }

  #keepState(state: unknown): void {
    this.#state = state
    this.#hasState = true
    // Stopped while init was under way: what it has made is given back now.
    const reason = this.#stopReason
    if (reason !== undefined) guard(() => this.#logic.handler.stop?.(state, reason), this.#cell.host.onFault)
  }
}
