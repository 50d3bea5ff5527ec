// One life of a behaviour: from a start to a crash or a stop. A restart makes a new one. A handler's instance is
// a plain object, a machine's wraps an xstate actor; their cell treats both alike.
import type { StopReason } from './behaviour.ts'
import type { Message } from './message.ts'

export interface Instance {
  /** Messages that may be under way at once. */
  readonly concurrency: number
  /** Throws or rejects when the behaviour cannot start, which is a crash. */
  start(): void | PromiseLike<void>
  /** Handles one message. Reports to the cell; never throws. */
  handle(message: Message, value: unknown): void
  /** Gives back what it holds. May throw or reject: the cell guards it. */
  stop(reason: StopReason): unknown
}
