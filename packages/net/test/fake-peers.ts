// Peers without conns, for what reads a header and two maps: the router, the routing table, the announcer.
import type { Conn } from '@p2pnet/conn'
import type { EndId, LinkClass, P2pPack, Phase, Role } from '@p2pnet/wire'
import { Peer } from '../src/peer.ts'

export interface FakePeer {
  readonly peer: Peer
  /** What was sent to it, in order. */
  readonly sent: P2pPack[]
}

export interface FakePeerGiven {
  readonly end?: EndId
  readonly linkClass?: LinkClass
  readonly role?: Role
  readonly phase?: Phase
}

export function fakePeer(given: FakePeerGiven = {}): FakePeer {
  const sent: P2pPack[] = []
  const conn = {
    linkClass: given.linkClass ?? 'node',
    role: given.role ?? 'listener',
    phase: given.phase ?? 'open',
    sendInOrder: (pack: P2pPack) => void sent.push(pack),
  }
  // The files under test use nothing else of a conn.
  const peer = new Peer(conn as unknown as Conn)
  peer.end = given.end
  return { peer, sent }
}
