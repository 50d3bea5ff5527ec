// How asks end without a reply, as this node finds it: the rows of the table in docs/errors.md.
import type { Failure } from '@p2pnet/actor'
import type { SendResult } from '@p2pnet/conn'
import { type EndId, encodePayload, formatEnd, messageOf } from '@p2pnet/wire'

export const noRoute = (end: EndId): Failure => ({
  code: 'ERR_ASK_NO_ROUTE',
  mayHaveRun: false,
  message: `nobody holds the end ${formatEnd(end)}`,
})

export const timedOut = (end: EndId): Failure => ({
  code: 'ERR_ASK_TIMEOUT',
  mayHaveRun: true,
  message: `no answer from ${formatEnd(end)} in time`,
})

export const peerClosed = (end: EndId): Failure => ({
  code: 'ERR_ASK_PEER_CLOSED',
  mayHaveRun: true,
  message: `the conn to ${formatEnd(end)} closed before the answer came`,
})

export const overloaded = (what: string): Failure => ({
  code: 'ERR_ASK_OVERLOADED',
  mayHaveRun: false,
  message: what,
})

export const aborted = (mayHaveRun: boolean): Failure => ({
  code: 'ERR_ASK_ABORTED',
  mayHaveRun,
  message: 'the asker gave up',
})

export const deadlock = (end: EndId): Failure => ({
  code: 'ERR_ASK_DEADLOCK',
  mayHaveRun: false,
  message: `${formatEnd(end)} asks itself and would wait for its own answer`,
})

/** A payload that cannot travel, or that the pre-scan refuses. */
export const refusedPayload = (error: unknown, mayHaveRun: boolean): Failure => ({
  code: 'ERR_ASK_REJECTED',
  mayHaveRun,
  message: messageOf(error),
  details: { reason: messageOf(error) },
})

/** An ask that the conn did not take. */
export function notSent(result: Exclude<SendResult, 'sent'>, end: EndId): Failure {
  switch (result) {
    case 'full':
      return overloaded(`the write queue towards ${formatEnd(end)} is full`)
    case 'too_large':
      return refusedPayload(new Error('the message is larger than the peer takes'), false)
    case 'closed':
      return { ...peerClosed(end), mayHaveRun: false }
  }
}

/** The facts of a failure as payload bytes; those that cannot travel stay here. */
export function detailsAsPayload(failure: Failure): Uint8Array {
  try {
    return encodePayload(failure.details)
  } catch {
    return encodePayload(undefined)
  }
}
