// What can go wrong with actors and asks, as `P2pError`s.
import { type FailCode, P2pError } from '@p2pnet/wire'

export type ActorErrorCode =
  | 'ERR_ACTOR_BAD_LOGIC'
  | 'ERR_ACTOR_BAD_MESSAGE'
  | 'ERR_ACTOR_CRASHED'
  | 'ERR_ACTOR_STALE'
  | 'ERR_ACTOR_NOT_HOSTED'

export class ActorError extends P2pError<ActorErrorCode> {
  override readonly name = 'ActorError'
}

/** How an ask ended without a reply. `mayHaveRun` false: it was certainly not begun, so it may be repeated. */
export class AskError extends P2pError<FailCode> {
  override readonly name = 'AskError'
  readonly mayHaveRun: boolean

  constructor(failure: Failure) {
    super(failure.code, failure.message, { details: { ...failure.details, mayHaveRun: failure.mayHaveRun } })
    this.mayHaveRun = failure.mayHaveRun
  }
}

/** A failed ask, as plain data. */
export interface Failure {
  readonly code: FailCode
  readonly mayHaveRun: boolean
  readonly message: string
  readonly details?: Readonly<Record<string, unknown>> | undefined
}
