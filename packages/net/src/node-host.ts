// The node as its actors see it: everything they may do goes through here. Also where their fates are counted and
// logged.
import {
  type ActorCell,
  ActorError,
  type ActorHost,
  AskError,
  type AskOptions,
  type DeadLetterReason,
  type Failure,
  type Logger,
  type Message,
  type OpenAsk,
  type ReadyQueue,
} from '@p2pnet/actor'
import {
  type Clock,
  type EndId,
  type EndLike,
  formatEnd,
  messageOf,
  type P2pError,
  type P2pPack,
  type Random,
  toEndId,
} from '@p2pnet/wire'
import { deadlock } from './ask-failures.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Messenger } from './messenger.ts'
import type { NetState } from './net-state.ts'

export interface NodeHostParts {
  readonly state: NetState
  readonly messenger: Messenger
  readonly deadLetters: DeadLetters
  readonly readyQueue: ReadyQueue
  readonly decode: (pack: P2pPack) => unknown
  readonly onStopped: (cell: ActorCell) => void
  /** A message came to its end: it may be the last one. */
  readonly onProgress: () => void
  readonly onError: (error: P2pError) => void
}

export class NodeHost implements ActorHost {
  readonly clock: Clock
  readonly random: Random
  readonly readyQueue: ReadyQueue
  readonly tag: number
  readonly #parts: NodeHostParts
  #lastAskId = 0

  constructor(parts: NodeHostParts) {
    this.#parts = parts
    this.clock = parts.state.options.clock
    this.random = parts.state.options.random
    this.readyQueue = parts.readyQueue
    this.tag = parts.state.tag
  }

  tell(from: EndId, to: EndLike, message: unknown): void {
    this.#parts.messenger.tell(from, to, message)
  }

  ask(from: EndId, to: EndLike, message: unknown, options?: AskOptions): Promise<unknown> {
    try {
      if (toEndId(to) === from) return Promise.reject(new AskError(deadlock(from)))
    } catch (error) {
      return Promise.reject(error)
    }
    return this.#parts.messenger.ask(from, to, message, options)
  }

  reply(ask: OpenAsk, value: unknown): void {
    this.#parts.messenger.reply(ask, value)
  }

  fail(ask: OpenAsk, failure: Failure): void {
    this.#parts.messenger.fail(ask, failure)
  }

  decode(pack: P2pPack): unknown {
    return this.#parts.decode(pack)
  }

  onDelivered(): void {
    this.#parts.state.counters.delivered++
    this.#parts.onProgress()
  }

  onDeadLetter(message: Message, to: EndId, reason: DeadLetterReason): void {
    this.#parts.deadLetters.add(message, to, reason)
    this.#parts.onProgress()
  }

  onCrash(cell: ActorCell, error: unknown): void {
    this.#parts.state.counters.crashes++
    cell.log.error({ err: error }, 'actor crashed')
    const end = formatEnd(cell.end)
    this.#parts.onError(
      new ActorError('ERR_ACTOR_CRASHED', `the actor ${end} crashed: ${messageOf(error)}`, {
        details: { end },
        cause: error,
      }),
    )
  }

  onRestart(): void {
    this.#parts.state.counters.restarts++
  }

  onStopped(cell: ActorCell): void {
    this.#parts.onStopped(cell)
  }

  readonly onFault = (error: unknown): void => {
    this.#parts.state.options.logger.error({ err: error }, 'a callback failed')
  }

  log(end: EndId): Logger {
    return this.#parts.state.options.logger.child({ end: formatEnd(end) })
  }

  nextAskId(): number {
    this.#lastAskId++
    return this.#lastAskId
  }
}
