// What can go wrong with a conn, as a `P2pError`; and which close reason a violation becomes on the wire.
import { type CloseReason, messageOf, P2pError, WireError, type WireErrorCode } from '@p2pnet/wire'

export type ConnErrorCode =
  | 'ERR_CONN_DIAL_FAILED'
  | 'ERR_CONN_DIAL_TIMEOUT'
  | 'ERR_CONN_REGISTER_FAILED'
  | 'ERR_CONN_VIOLATION'
  | 'ERR_CONN_LINK_FAILED'
  | 'ERR_CONN_FAULT'

export class ConnError extends P2pError<ConnErrorCode> {
  override readonly name = 'ConnError'
}

const reasonByCode: Partial<Record<WireErrorCode, CloseReason>> = {
  ERR_WIRE_BAD_VERSION: 'bad_version',
  ERR_WIRE_BAD_LENGTH: 'bad_length',
  ERR_WIRE_FRAME_TOO_LARGE: 'frame_too_large',
  ERR_WIRE_BAD_HEADER: 'bad_header',
  ERR_WIRE_BAD_FRAME: 'bad_frame',
  ERR_WIRE_PAYLOAD_REFUSED: 'bad_payload',
}

/** A peer broke a rule; thrown by whoever notices and caught by the conn, which closes with the reason. */
export class ViolationError extends ConnError {
  readonly reason: CloseReason

  constructor(reason: CloseReason, message: string) {
    super('ERR_CONN_VIOLATION', message, { details: { reason } })
    this.reason = reason
  }
}

/** The close reason for anything thrown while a conn's input was handled. Not a violation: our own fault. */
export function reasonOf(error: unknown): CloseReason {
  if (error instanceof ViolationError) return error.reason
  if (error instanceof WireError) return reasonByCode[error.code] ?? 'internal_error'
  return 'internal_error'
}

/** The error that a listener is shown: a violation as it is, anything else as our own fault. */
export function shownError(error: unknown): P2pError {
  if (error instanceof ViolationError || error instanceof WireError) return error
  return new ConnError('ERR_CONN_FAULT', messageOf(error), { cause: error })
}
