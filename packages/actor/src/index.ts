// The barrel: what the net uses of actors.
export { ActorCell } from './actor-cell.ts'
export type { ActorHost, AskOptions, DeadLetterReason, Logger } from './actor-host.ts'
export {
  type Behaviour,
  fromHandler,
  type Handler,
  type HandlerFunction,
  HandlerLogic,
  type HandlerOptions,
  requireBehaviour,
  type StopReason,
} from './behaviour.ts'
export type { ActorContext } from './context.ts'
export { ActorError, type ActorErrorCode, AskError, type Failure } from './errors.ts'
export { instanceOf, type P2pStamp } from './machine-instance.ts'
export { type AskTicket, Message, OpenAsk, type OpenAskSetup } from './message.ts'
export {
  type Backoff,
  defaultSpawnOptions,
  type Intensity,
  type MailboxLimits,
  type ResolvedSpawnOptions,
  type RestartType,
  resolveMailboxLimits,
  resolveSpawnOptions,
  type SpawnOptions,
} from './options.ts'
export { ReadyQueue } from './ready-queue.ts'
export { type ChildSpec, Supervisor } from './supervisor.ts'
export { supervisorLogic } from './supervisor-logic.ts'
export {
  type AskActionOptions,
  ask,
  type Expression,
  type MessageAction,
  reply,
  tell,
} from './xstate-actions.ts'
export { indexTimers, watchActors } from './xstate-internals.ts'
