// What a behaviour sees of the world while it handles one message: `ctx`. Made by the cell for every message;
// stale, and saying so, once its actor has crashed or stopped.
import { type EndLike, endOf, formatEnd, type P2pEnd } from '@p2pnet/wire'
import type { ActorCell } from './actor-cell.ts'
import type { AskOptions, Logger } from './actor-host.ts'
import { ActorError } from './errors.ts'
import type { Instance } from './instance.ts'
import type { AskTicket, Message } from './message.ts'

/** @typeParam Input - what `spawn` was given as `input`. */
export interface ActorContext<Input = unknown> {
  /** This actor's end. */
  readonly self: P2pEnd
  /** Who sent the message; undefined in `init`. */
  readonly from: P2pEnd | undefined
  readonly input: Input
  /** Aborted when nobody waits for the answer any more, or when the actor crashes or stops. */
  readonly signal: AbortSignal
  /** A logger with this actor's end bound. */
  readonly log: Logger
  /** Sends a message, at most once. @throws ActorError `ERR_ACTOR_STALE` */
  tell(to: EndLike, message: unknown): void
  /** Asks and waits. Rejects with an `AskError`. @throws ActorError `ERR_ACTOR_STALE` */
  ask(to: EndLike, message: unknown, options?: AskOptions): Promise<unknown>
  /** Keeps the ask open: `net.reply(ticket, value)` answers it later. What the handler returns is then no reply. */
  defer(): AskTicket
  /** Answers with `ERR_ASK_REJECTED`: a business answer and no crash. `details` is plain data. */
  reject(reason: string, details?: Readonly<Record<string, unknown>>): void
  /** Ends this actor normally, after the message at hand. */
  stop(): void
}

export class Context implements ActorContext {
  readonly #cell: ActorCell
  readonly #instance: Instance
  readonly #message: Message | undefined
  /** The ask is somebody else's to answer, or is answered. */
  isDeferred = false

  constructor(cell: ActorCell, instance: Instance, message: Message | undefined) {
    this.#cell = cell
    this.#instance = instance
    this.#message = message
  }

  get self(): P2pEnd {
    return endOf(this.#cell.end)
  }

  get from(): P2pEnd | undefined {
    return this.#message === undefined ? undefined : endOf(this.#message.from)
  }

  get input(): unknown {
    return this.#cell.options.input
  }

  get log(): Logger {
    return this.#cell.log
  }

  get signal(): AbortSignal {
    if (this.#message?.ask !== undefined) return this.#message.ask.signal
    return this.#cell.isCurrent(this.#instance) ? this.#cell.work.signal : AbortSignal.abort()
  }

  /** The message it was made for. */
  get message(): Message | undefined {
    return this.#message
  }

  tell(to: EndLike, message: unknown): void {
    this.#requireLive()
    this.#cell.host.tell(this.#cell.end, to, message)
  }

  ask(to: EndLike, message: unknown, options?: AskOptions): Promise<unknown> {
    this.#requireLive()
    return this.#cell.host.ask(this.#cell.end, to, message, options)
  }

  defer(): AskTicket {
    this.#requireLive()
    this.isDeferred = true
    const ask = this.#message?.ask
    // Deferring a tell is harmless: a ticket that nothing is open for.
    return ask === undefined
      ? { end: this.self, tag: this.#cell.host.tag, ask: 0 }
      : this.#cell.work.keepOpen(ask)
  }

  reject(reason: string, details?: Readonly<Record<string, unknown>>): void {
    this.#requireLive()
    this.isDeferred = true
    const ask = this.#message?.ask
    if (ask === undefined) return
    this.#cell.work.forget(ask)
    const code = 'ERR_ASK_REJECTED'
    this.#cell.host.fail(ask, { code, mayHaveRun: true, message: reason, details: { ...details, reason } })
  }

  stop(): void {
    this.#requireLive()
    this.#cell.requestStop()
  }

  #requireLive(): void {
    if (this.#cell.isCurrent(this.#instance)) return
    throw new ActorError(
      'ERR_ACTOR_STALE',
      `the actor ${formatEnd(this.#cell.end)} that owned this ctx is gone`,
      {
        details: { end: formatEnd(this.#cell.end) },
      },
    )
  }
}
