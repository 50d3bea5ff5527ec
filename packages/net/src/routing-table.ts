// Which end is reached over which peer: the seed's mapConn2End and mapId2Conn. Changed only by the net's own files,
// read by the router. The close of an old conn can never delete a newer route, because removal compares the peer.
import type { EndId } from '@p2pnet/wire'
import type { Peer } from './peer.ts'

export interface Route {
  readonly peer: Peer
  /** The node that hosts the end. */
  readonly origin: EndId
  readonly epoch: number
  readonly hops: number
}

export class RoutingTable {
  readonly #routes = new Map<EndId, Route>()
  readonly #endsOf = new Map<Peer, Set<EndId>>()

  get size(): number {
    return this.#routes.size
  }

  get(end: EndId): Route | undefined {
    return this.#routes.get(end)
  }

  ends(): IterableIterator<EndId> {
    return this.#routes.keys()
  }

  set(end: EndId, route: Route): void {
    const before = this.#routes.get(end)
    if (before !== undefined) this.#endsOf.get(before.peer)?.delete(end)
    this.#routes.set(end, route)
    const ends = this.#endsOf.get(route.peer)
    if (ends === undefined) this.#endsOf.set(route.peer, new Set([end]))
    else ends.add(end)
  }

  /** Removes a route, if it is still this peer's. */
  delete(end: EndId, peer: Peer): void {
    if (this.#routes.get(end)?.peer === peer) this.#routes.delete(end)
    this.#endsOf.get(peer)?.delete(end)
  }

  /** Removes all routes of a peer, and says which ends they were. */
  deletePeer(peer: Peer): ReadonlySet<EndId> {
    const ends = this.#endsOf.get(peer) ?? new Set()
    this.#endsOf.delete(peer)
    for (const end of ends) this.delete(end, peer)
    return ends
  }
}
