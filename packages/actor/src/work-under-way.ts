// What one actor has begun and not ended: async handlings, and asks that are kept open to be answered later. And
// how each of them ends: with an answer, or as a dead letter with a failure. Owned by one cell.
import { type EndId, formatEnd } from '@p2pnet/wire'
import type { ActorHost, DeadLetterReason } from './actor-host.ts'
import type { Context } from './context.ts'
import type { Failure } from './errors.ts'
import type { AskTicket, Message, OpenAsk } from './message.ts'

/** Asks kept open before those that ended elsewhere (deadline, cancel) are swept out. */
const purgeAtMin = 1_024

export class WorkUnderWay {
  readonly #end: EndId
  readonly #host: ActorHost
  /** Made when they are needed: most actors are idle handlers that answer at once. */
  #begun: Set<Context> | undefined
  #openAsks: Map<number, OpenAsk> | undefined
  #purgeAt = purgeAtMin
  #abort: AbortController | undefined

  constructor(end: EndId, host: ActorHost) {
    this.#end = end
    this.#host = host
  }

  /** Async handlings that have begun. */
  get size(): number {
    return this.#begun?.size ?? 0
  }

  /** Aborted when all is given up: what `init` and tells look at, who have no ask of their own. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController()
    return this.#abort.signal
  }

  /** An async handling began: until it ends, its ask is open. */
  begin(ctx: Context): void {
    this.#begun ??= new Set()
    this.#begun.add(ctx)
    const ask = ctx.message?.ask
    if (ask !== undefined) this.keepOpen(ask)
  }

  /** False when it had been given up before. */
  end(ctx: Context): boolean {
    return this.#begun?.delete(ctx) ?? false
  }

  /** A message was handled; unless its ask is deferred, the result is the reply. */
  complete(message: Message, ask: OpenAsk | undefined, reply: unknown): void {
    if (ask !== undefined) {
      this.forget(ask)
      this.#host.reply(ask, reply)
    }
    this.#host.onDelivered(message)
  }

  /** Keeps an ask open beyond its handling; the ticket names it. */
  keepOpen(ask: OpenAsk): AskTicket {
    if (ask.id === 0) ask.id = this.#host.nextAskId()
    this.#openAsks ??= new Map()
    this.#openAsks.set(ask.id, ask)
    if (this.#openAsks.size >= this.#purgeAt) this.#purge(this.#openAsks)
    return ask.ticket(this.#host.tag)
  }

  forget(ask: OpenAsk): void {
    if (ask.id !== 0) this.#openAsks?.delete(ask.id)
  }

  /** Answers an ask that was kept open. False when it is not open any more. */
  reply(askId: number, value: unknown): boolean {
    const ask = this.#openAsks?.get(askId)
    this.#openAsks?.delete(askId)
    if (ask === undefined || ask.isSettled) return false
    this.#host.reply(ask, value)
    return true
  }

  /** Gives up one message. */
  drop(message: Message, reason: DeadLetterReason, failure: Failure): void {
    this.#host.onDeadLetter(message, this.#end, reason)
    if (message.ask === undefined) return
    this.forget(message.ask)
    this.#host.fail(message.ask, failure)
    message.ask.abort()
  }

  /** Gives up all that was begun. */
  dropAll(reason: DeadLetterReason, failure: Failure): void {
    for (const { message } of this.#begun ?? []) {
      if (message !== undefined) this.drop(message, reason, failure)
    }
    this.#begun = undefined
    for (const ask of this.#openAsks?.values() ?? []) {
      this.#host.fail(ask, failure)
      ask.abort()
    }
    this.#openAsks = undefined
    this.#abort?.abort()
    this.#abort = undefined
  }

  #purge(openAsks: Map<number, OpenAsk>): void {
    for (const ask of openAsks.values()) if (ask.isSettled) openAsks.delete(ask.id)
    this.#purgeAt = Math.max(purgeAtMin, openAsks.size * 2)
  }
}

export const crashFailure = (end: EndId): Failure => ({
  code: 'ERR_ASK_ACTOR_CRASHED',
  mayHaveRun: true,
  message: `the actor ${formatEnd(end)} crashed before it answered`,
})

export const endFailure = (end: EndId): Failure => ({
  code: 'ERR_ASK_ABORTED',
  mayHaveRun: true,
  message: `the actor ${formatEnd(end)} ended without an answer`,
})

export const stoppedFailure = (end: EndId): Failure => ({
  code: 'ERR_ASK_NO_ROUTE',
  mayHaveRun: false,
  message: `the actor ${formatEnd(end)} stopped before it began`,
})

export const expiredFailure: Failure = {
  code: 'ERR_ASK_TIMEOUT',
  mayHaveRun: false,
  message: 'the ask expired in the mailbox',
}
