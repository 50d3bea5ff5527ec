// The typed actions that a business machine uses: reply, tell, ask. Published as `p2pnet/xstate`. Each finds the
// actor it runs in by `self`, so it works in a machine and in the machines it invokes.
import type { EndLike } from '@p2pnet/wire'
import type { ActionArgs, AnyActorRef, EventObject, MachineContext, ParameterizedObject } from 'xstate'
import type { ActorCell } from './actor-cell.ts'
import type { AskOptions } from './actor-host.ts'
import { ActorError } from './errors.ts'
import { instanceOf, type P2pStamp } from './machine-instance.ts'
import type { AskTicket } from './message.ts'

type Params = ParameterizedObject['params'] | undefined

/** Any value that can be a message. */
// biome-ignore lint/complexity/noBannedTypes: `unknown` would swallow the function in a union with one.
export type PlainValue = {} | null | undefined

/** A value, or a function of the machine's context and event that gives it. */
export type Expression<
  Value,
  Context extends MachineContext,
  ExpressionEvent extends EventObject,
  ActionParams extends Params,
  Event extends EventObject,
> = Value | ((args: ActionArgs<Context, ExpressionEvent, Event>, params: ActionParams) => Value)

/** An xstate action, as `assign` and `log` are. */
export type MessageAction<
  Context extends MachineContext,
  ExpressionEvent extends EventObject,
  ActionParams extends Params,
  Event extends EventObject,
> = (args: ActionArgs<Context, ExpressionEvent, Event>, params: ActionParams) => void

/**
 * Answers the ask of the event at hand, or the one whose ticket is given. Answering a tell does nothing, and so
 * does a second answer.
 */
export function reply<
  C extends MachineContext,
  X extends EventObject,
  P extends Params,
  E extends EventObject,
>(
  value: Expression<PlainValue, C, X, P, E>,
  options: { readonly to?: Expression<AskTicket | undefined, C, X, P, E> } = {},
): MessageAction<C, X, P, E> {
  return (args, params) => {
    const stamp = (args.event as { readonly p2p?: P2pStamp }).p2p // Stamped by us, or absent.
    const ticket = options.to === undefined ? stamp?.ask : resolve(options.to, args, params)
    const cell = cellOf(args.self)
    if (ticket?.tag === cell.host.tag) cell.work.reply(ticket.ask, resolve(value, args, params))
  }
}

/** Sends a message from this actor's end. */
export function tell<
  C extends MachineContext,
  X extends EventObject,
  P extends Params,
  E extends EventObject,
>(
  to: Expression<EndLike, C, X, P, E>,
  message: Expression<PlainValue, C, X, P, E>,
): MessageAction<C, X, P, E> {
  return (args, params) => {
    const cell = cellOf(args.self)
    cell.host.tell(cell.end, resolve(to, args, params), resolve(message, args, params))
  }
}

export interface AskActionOptions extends Omit<AskOptions, 'signal'> {
  /** The machine gets `{ type: onReply, reply }`. */
  readonly onReply: string
  /** The machine gets `{ type: onFail, error }`, an `AskError`. Without it a failure is ignored. */
  readonly onFail?: string
}

/** Asks from this actor's end; the answer comes back as an event. */
export function ask<C extends MachineContext, X extends EventObject, P extends Params, E extends EventObject>(
  to: Expression<EndLike, C, X, P, E>,
  message: Expression<PlainValue, C, X, P, E>,
  options: AskActionOptions,
): MessageAction<C, X, P, E> {
  const { onReply, onFail, ...askOptions } = options
  return (args, params) => {
    const cell = cellOf(args.self)
    const self: AnyActorRef = args.self
    cell.host.ask(cell.end, resolve(to, args, params), resolve(message, args, params), askOptions).then(
      (answer) => self.send({ type: onReply, reply: answer }),
      (error) => onFail !== undefined && self.send({ type: onFail, error }),
    )
  }
}

function resolve<Value, Args, P>(
  expression: Value | ((args: Args, params: P) => Value),
  args: Args,
  params: P,
): Value {
  // A function here is always the expression: no message, end or ticket is one.
  return typeof expression === 'function'
    ? (expression as (args: Args, params: P) => Value)(args, params)
    : expression
}

function cellOf(self: AnyActorRef): ActorCell {
  const instance = instanceOf(self)
  if (instance !== undefined) return instance.cell
  throw new ActorError(
    'ERR_ACTOR_NOT_HOSTED',
    'reply, tell and ask work in a machine that was spawned by a net',
  )
}
