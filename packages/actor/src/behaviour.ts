// What an actor does, as its author writes it: a handler (plain functions) or any xstate actor logic.
import { isThenable } from '@p2pnet/wire'
import type { AnyActorLogic } from 'xstate'
import type { ActorContext } from './context.ts'
import { ActorError } from './errors.ts'

/** Why an actor stops: it ended by itself, was stopped, its node closes, or it crashed and may start again. */
export type StopReason = 'normal' | 'stopped' | 'shutdown' | 'crashed'

/** A reply, or the promise of one. `undefined` is a reply too; to answer later call `ctx.defer()`. */
export type HandlerFunction<Message, Input> = (message: Message, ctx: ActorContext<Input>) => unknown

/** A handler with state, made anew at every start. */
export interface Handler<State, Message, Input> {
  /** Makes the state. May be async: messages wait meanwhile. */
  readonly init?: (input: Input, ctx: ActorContext<Input>) => State | PromiseLike<State>
  /** Handles one message; what it returns is the reply. What it throws is a crash. */
  readonly handle: (state: State, message: Message, ctx: ActorContext<Input>) => unknown
  /** Gives back what `init` took. Called at every end, also after a crash. */
  readonly stop?: (state: State, reason: StopReason) => unknown
}

export interface HandlerOptions {
  /** Messages that an async handler may have under way at once. @default 1 */
  readonly concurrency?: number
}

/** A handler, ready to be spawned. Made by `fromHandler`. */
export class HandlerLogic {
  readonly handler: Handler<unknown, unknown, unknown>
  readonly concurrency: number

  constructor(handler: Handler<unknown, unknown, unknown>, concurrency: number) {
    this.handler = handler
    this.concurrency = concurrency
  }
}

/** What `spawn` takes. */
export type Behaviour = HandlerLogic | AnyActorLogic

/**
 * Makes a behaviour of plain functions: `(message, ctx) => reply`, or `{ init, handle, stop }` with state.
 *
 * @throws ActorError `ERR_ACTOR_BAD_LOGIC` for anything else.
 */
// biome-ignore lint/suspicious/noExplicitAny: a handler names the message type it expects; the wire cannot prove it.
export function fromHandler<Message = any, Input = any>(
  handler: HandlerFunction<Message, Input>,
  options?: HandlerOptions,
): HandlerLogic
// biome-ignore lint/suspicious/noExplicitAny: as above.
export function fromHandler<State, Message = any, Input = any>(
  handler: Handler<State, Message, Input>,
  options?: HandlerOptions,
): HandlerLogic
export function fromHandler(
  handler: HandlerFunction<unknown, unknown> | Handler<unknown, unknown, unknown>,
  options: HandlerOptions = {},
): HandlerLogic {
  const concurrency = options.concurrency ?? 1
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new ActorError('ERR_ACTOR_BAD_LOGIC', `concurrency is ${concurrency}, allowed is an integer from 1`)
  }
  if (typeof handler === 'function') {
    return new HandlerLogic({ handle: (_state, message, ctx) => handler(message, ctx) }, concurrency)
  }
  if (typeof handler?.handle !== 'function' || !isOptional(handler.init) || !isOptional(handler.stop)) {
    throw new ActorError('ERR_ACTOR_BAD_LOGIC', 'fromHandler takes a function, or { init?, handle, stop? }')
  }
  return new HandlerLogic(handler, concurrency)
}

const isOptional = (value: unknown): boolean => value === undefined || typeof value === 'function'

/** @throws ActorError `ERR_ACTOR_BAD_LOGIC` unless it can be spawned. */
export function requireBehaviour(logic: unknown): Behaviour {
  if (logic instanceof HandlerLogic || isXstateLogic(logic)) return logic
  const hint =
    typeof logic === 'function' || (typeof logic === 'object' && logic !== null && 'handle' in logic)
      ? '; wrap it in fromHandler'
      : isThenable(logic)
        ? '; await it first'
        : ''
  throw new ActorError(
    'ERR_ACTOR_BAD_LOGIC',
    `the logic is neither fromHandler(...) nor an xstate logic${hint}`,
  )
}

function isXstateLogic(logic: unknown): logic is AnyActorLogic {
  if (typeof logic !== 'object' || logic === null) return false
  return 'transition' in logic && 'getInitialSnapshot' in logic && typeof logic.transition === 'function'
}
