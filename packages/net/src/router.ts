// Where a pack goes: pure, from its header and the maps alone. The net carries the decision out. Forwarding for
// others is a decision that is not taken yet: an end that is not here has no route for a pack that came in.
import type { ActorCell } from '@p2pnet/actor'
import { type EndId, flagsKnown, Kind, noEnd, type P2pPack } from '@p2pnet/wire'
import type { Peer } from './peer.ts'
import type { RoutingTable } from './routing-table.ts'

export type RouteDecision =
  /** To this actor's mailbox. */
  | { readonly kind: 'deliver'; readonly cell: ActorCell }
  /** It ends an ask of ours, or cancels one of theirs. */
  | { readonly kind: 'settle' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'refuse'; readonly why: 'no_route' | 'bad_source' | 'unknown_flags' }

/** What the router may look at. */
export interface RouterView {
  readonly cells: { get(end: EndId): ActorCell | undefined }
  readonly table: RoutingTable
}

const settle: RouteDecision = { kind: 'settle' }
const cancel: RouteDecision = { kind: 'cancel' }
const noRoute: RouteDecision = { kind: 'refuse', why: 'no_route' }
const badSource: RouteDecision = { kind: 'refuse', why: 'bad_source' }
const unknownFlags: RouteDecision = { kind: 'refuse', why: 'unknown_flags' }

/** Decides for a pack that came in over `peer`. */
export function route(pack: P2pPack, peer: Peer, view: RouterView): RouteDecision {
  if (pack.kind === Kind.reply || pack.kind === Kind.fail) return settle
  if (pack.kind === Kind.cancel) return cancel
  if ((pack.flags & ~flagsKnown) !== 0) return unknownFlags
  if (!isOwnSource(pack, peer, view.table)) return badSource
  const cell = view.cells.get(pack.destination)
  return cell === undefined ? noRoute : { kind: 'deliver', cell }
}

/** A pack's source must be an end that is reached over the conn it came in on. A client may leave it out. */
function isOwnSource(pack: P2pPack, peer: Peer, table: RoutingTable): boolean {
  if (pack.source === peer.end) return true
  if (peer.conn.linkClass === 'client') return peer.conn.role === 'dialer' || pack.source === noEnd
  return table.get(pack.source)?.peer === peer || peer.formerEnds?.has(pack.source) === true
}
