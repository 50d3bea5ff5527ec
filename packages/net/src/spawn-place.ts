// Which end a new actor gets: the one that was asked for, the next free number of a type, or the node's own.
import { type EndId, type EndLike, formatEnd, toEndId } from '@p2pnet/wire'
import { NetError } from './errors.ts'
import type { NetState } from './net-state.ts'

/** An end; a type, whose next free number is taken; or this node's own end. */
export type SpawnPlace = EndLike | number | 'self'

/** @throws NetError `ERR_NET_END_TAKEN`, `ERR_NET_ENDS_EXHAUSTED`, `ERR_NET_END_UNKNOWN`; OptionError */
export function resolvePlace(state: NetState, place: SpawnPlace): EndId {
  if (typeof place === 'number') return nextEnd(state, place)
  const end = place === 'self' ? ownEnd(state) : toEndId(place)
  const isTaken = end === state.end ? state.actors.get(end) !== undefined : state.isTaken(end)
  if (!isTaken) return end
  const details = { end: formatEnd(end) }
  throw new NetError('ERR_NET_END_TAKEN', `the end ${details.end} is held already`, { details })
}

/** @throws NetError `ERR_NET_END_UNKNOWN` for a client whose gateway has not given a number yet. */
export function ownEnd({ end }: NetState): EndId {
  if (end !== undefined) return end
  throw noNumberError()
}

export const noNumberError = (): NetError =>
  new NetError('ERR_NET_END_UNKNOWN', 'this net has no number yet: dial a gateway first')

function nextEnd(state: NetState, endType: number): EndId {
  toEndId([endType, 1], 'type')
  const free = state.freeNumber(endType)
  if (free !== undefined) return free
  throw new NetError('ERR_NET_ENDS_EXHAUSTED', `all numbers of the type ${endType} are in use`)
}
