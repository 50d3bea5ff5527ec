// What actors need of the node they live on: the net implements it. Actors know no conns and no routes.
import type { Clock, EndId, EndLike, P2pPack, Random } from '@p2pnet/wire'
import type { ActorCell } from './actor-cell.ts'
import type { Failure } from './errors.ts'
import type { Message, OpenAsk } from './message.ts'
import type { ReadyQueue } from './ready-queue.ts'

/** The part of pino's interface that actors use. */
export interface Logger {
  debug(fields: object, message?: string): void
  info(fields: object, message?: string): void
  warn(fields: object, message?: string): void
  error(fields: object, message?: string): void
  child(fields: Record<string, unknown>): Logger
}

export interface AskOptions {
  /** Time for the answer. @default 5_000 */
  readonly timeoutMs?: number
  /** Ends the ask with `ERR_ASK_ABORTED`. */
  readonly signal?: AbortSignal
}

/** Why a message was not handled to its end. */
export type DeadLetterReason =
  | 'no_route'
  | 'mailbox_full'
  | 'overloaded'
  | 'crashed'
  | 'expired'
  | 'cancelled'
  | 'refused'
  | 'stopped'
  | 'not_sent'

export interface ActorHost {
  readonly clock: Clock
  readonly random: Random
  readonly readyQueue: ReadyQueue
  /** Random per node instance; part of every ticket. */
  readonly tag: number
  tell(from: EndId, to: EndLike, message: unknown): void
  ask(from: EndId, to: EndLike, message: unknown, options?: AskOptions): Promise<unknown>
  /** Answers an ask, once: a second answer is ignored. */
  reply(ask: OpenAsk, value: unknown): void
  /** Ends an ask without an answer, once. */
  fail(ask: OpenAsk, failure: Failure): void
  /** The payload's value. @throws WireError `ERR_WIRE_PAYLOAD_REFUSED` */
  decode(pack: P2pPack): unknown
  /** A message was handled to its end. */
  onDelivered(message: Message): void
  onDeadLetter(message: Message, to: EndId, reason: DeadLetterReason): void
  onCrash(cell: ActorCell, error: unknown): void
  onRestart(cell: ActorCell): void
  /** The cell is over for good. */
  onStopped(cell: ActorCell): void
  /** Something threw that no actor can be blamed for. */
  onFault(error: unknown): void
  log(end: EndId): Logger
  nextAskId(): number
}
