// What the net does when a conn reports: opening, control frames, draining, closing. Packs and handshakes are passed
// on at once to those whose business they are.
import { type Conn, type ConnOwner, ViolationError } from '@p2pnet/conn'
import { type CloseReason, controlPack, endOf, Kind, noEnd, type P2pError, type P2pPack } from '@p2pnet/wire'
import type { Announcer } from './announcer.ts'
import { dialError, peerName } from './connector.ts'
import type { Messenger } from './messenger.ts'
import type { NetState } from './net-state.ts'
import type { PackReceiver } from './pack-receiver.ts'
import type { Peer } from './peer.ts'
import type { Registrar } from './registrar.ts'

export interface ConnEventsParts {
  readonly state: NetState
  readonly registrar: Registrar
  readonly announcer: Announcer
  readonly receiver: PackReceiver
  readonly messenger: Messenger
  readonly onError: (error: P2pError) => void
  readonly onPeerOpen: (endType: number, endNo: number) => void
  readonly onPeerClosed: (endType: number, endNo: number, reason: CloseReason) => void
  /** An ask or a conn has ended: it may be what a close waits for. */
  readonly onProgress: () => void
}

const noBytes = new Uint8Array(0)

export class ConnEvents implements ConnOwner {
  readonly #parts: ConnEventsParts

  constructor(parts: ConnEventsParts) {
    this.#parts = parts
    parts.messenger.onAnswered = (peer) => this.#finishIfDrained(peer)
  }

  onConnected(conn: Conn): void {
    this.#parts.registrar.onConnected(conn)
  }

  onHandshake(conn: Conn, pack: P2pPack): void {
    this.#parts.registrar.onHandshake(conn, pack)
  }

  onPack(conn: Conn, pack: P2pPack): void {
    this.#parts.receiver.onPack(conn, pack)
  }

  onLatePack(conn: Conn, pack: P2pPack): void {
    this.#parts.receiver.onLatePack(this.#peer(conn), pack)
  }

  onTurn(): void {
    this.#parts.receiver.onTurn()
  }

  onOpen(conn: Conn): void {
    const peer = this.#peer(conn)
    const { state, registrar, announcer } = this.#parts
    registrar.end(conn)
    state.counters.connsOpened++
    if (conn.linkClass === 'node') announcer.announceAll(peer)
    else peer.becomeReady()
    if (conn.linkClass === 'client' && conn.role === 'dialer') state.gateway = peer
    state.options.logger.info(
      { conn: conn.id, end: peerName(peer), address: conn.remoteAddress },
      'conn open',
    )
    const { endType, endNo } = endOf(peer.end ?? noEnd)
    this.#parts.onPeerOpen(endType, endNo)
  }

  onControl(conn: Conn, pack: P2pPack): void {
    const peer = this.#peer(conn)
    switch (pack.kind) {
      case Kind.announce:
        return this.#parts.announcer.onAnnounce(peer, pack)
      case Kind.withdraw:
        return this.#parts.announcer.onWithdraw(peer, pack)
      case Kind.refuse:
        return this.#parts.announcer.onRefuse(peer, pack)
      case Kind.drain:
        return this.#onDrain(peer)
      case Kind.drained:
        peer.hasDrained = true
        return this.#finishIfDrained(peer)
      default:
        throw new ViolationError('unknown_kind', `a frame of kind ${pack.kind} has no meaning yet`)
    }
  }

  /** We close: the peer is to send no new work. A client cannot tell its gateway to, so it does not wait for that. */
  onDraining(conn: Conn): void {
    const peer = this.#peer(conn)
    this.#giveUpRoutes(peer)
    if (conn.linkClass === 'client' && conn.role === 'dialer') peer.hasDrained = true
    else conn.sendInOrder(controlPack(Kind.drain, noBytes))
    // Not inside the call that asked for the close.
    this.#parts.state.options.clock.setImmediate(() => this.#finishIfDrained(peer))
  }

  onError(conn: Conn, error: P2pError): void {
    const peer = this.#peer(conn)
    peer.error ??= error
    const { logger } = this.#parts.state.options
    const facts = { conn: conn.id, address: conn.remoteAddress, code: error.code, details: error.details }
    // A peer that is gone is everyday; one that breaks the rules is somebody to look for.
    const isGone = error.code === 'ERR_CONN_LINK_FAILED' || error.code === 'ERR_CONN_DIAL_FAILED'
    logger[isGone ? 'info' : 'warn'](facts, error.message)
    this.#parts.onError(error)
  }

  onClose(conn: Conn, reason: CloseReason): void {
    const { state, registrar, messenger, announcer } = this.#parts
    const peer = state.peers.get(conn)
    registrar.end(conn)
    if (peer === undefined) return
    this.#giveUpRoutes(peer)
    state.removePeer(peer)
    announcer.forget(peer)
    this.#count(conn)
    messenger.onPeerClosed(peer)
    peer.close(reason, dialError(peer, reason))
    state.options.logger.info(
      { conn: conn.id, end: peerName(peer), address: conn.remoteAddress, reason },
      'conn closed',
    )
    if (conn.wasOpen && peer.end !== undefined) {
      const { endType, endNo } = endOf(peer.end)
      this.#parts.onPeerClosed(endType, endNo, reason)
    }
    this.#parts.onProgress()
  }

  onFault(conn: Conn, error: unknown): void {
    this.#parts.state.options.logger.error({ conn: conn.id, err: error }, 'a conn or its listener failed')
  }

  /** The peer closes: it gets no new work from here, and is told that this was the last of it. */
  #onDrain(peer: Peer): void {
    this.#giveUpRoutes(peer)
    peer.conn.sendInOrder(controlPack(Kind.drained, noBytes))
  }

  #giveUpRoutes(peer: Peer): void {
    const { state } = this.#parts
    peer.isDraining = true
    const ends = state.table.deletePeer(peer)
    peer.formerEnds ??= ends
    if (state.gateway === peer) state.gateway = [...state.peers.values()].find(isOpenGateway)
  }

  /** All asks over the conn are answered, in both directions, and the peer sends no more. */
  #finishIfDrained(peer: Peer | undefined): void {
    const isDone = peer?.hasDrained && peer.openAsks.size === 0 && peer.waitingAsks === 0
    if (isDone && peer.conn.phase === 'draining') peer.conn.advance('drained')
    this.#parts.onProgress()
  }

  #count(conn: Conn): void {
    const { counters } = this.#parts.state
    if (conn.wasOpen) counters.connsClosed++
    counters.bytesIn += conn.stats.bytesIn
    counters.bytesOut += conn.stats.bytesOut
    counters.packsIn += conn.stats.packsIn
    counters.packsOut += conn.stats.packsOut
  }

  #peer(conn: Conn): Peer {
    const peer = this.#parts.state.peers.get(conn)
    if (peer === undefined) throw new Error('a conn reports that the net does not know')
    return peer
  }
}

/** A client may have dialled several gateways. */
const isOpenGateway = ({ conn, isDraining }: Peer): boolean =>
  conn.linkClass === 'client' && conn.role === 'dialer' && conn.phase === 'open' && !isDraining
