// The one base class of every error this project throws or rejects with, and the wire's own. Callers match
// `error.code`, which never changes; docs/errors.md lists all codes and a test compares it with the types.

export type WireErrorCode =
  | 'ERR_WIRE_BAD_VERSION'
  | 'ERR_WIRE_BAD_LENGTH'
  | 'ERR_WIRE_FRAME_TOO_LARGE'
  | 'ERR_WIRE_BAD_HEADER'
  | 'ERR_WIRE_BAD_FRAME'
  | 'ERR_WIRE_PAYLOAD_REFUSED'
  | 'ERR_WIRE_PAYLOAD_UNENCODABLE'

export type OptionErrorCode = 'ERR_OPTION_BAD_VALUE' | 'ERR_OPTION_UNKNOWN' | 'ERR_OPTION_SECRET_REQUIRED'

/** Facts about an error: plain data, never a payload. */
export type ErrorDetails = Readonly<Record<string, unknown>>

export interface P2pErrorOptions {
  readonly details?: ErrorDetails | undefined
  readonly cause?: unknown
}

/**
 * What every call of this API throws or rejects with.
 *
 * @typeParam Code - `ERR_<AREA>_<WHAT>`; areas: WIRE, CONN, NET, ACTOR, ASK, OPTION.
 */
export class P2pError<Code extends string = string> extends Error {
  override readonly name: string = 'P2pError'
  readonly code: Code
  readonly details: ErrorDetails

  constructor(code: Code, message: string, options: P2pErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Bytes that break the format, or a value that the format cannot carry. */
export class WireError extends P2pError<WireErrorCode> {
  override readonly name = 'WireError'
}

/** An option outside of what is allowed; thrown where the option is given. */
export class OptionError extends P2pError<OptionErrorCode> {
  override readonly name = 'OptionError'
}

/** The message of anything thrown, for logs and for the wire. Never throws itself. */
export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? String(error.message) : String(error)
  } catch {
    return 'an error without a message'
  }
}
