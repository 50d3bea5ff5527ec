// Runs the handshake on every conn and decides who may hold which end: taken ends, numbers for clients, two nodes
// that dial each other at once. What the frames mean is handshake.ts; here they are sent and judged.
import { type Conn, frameBytesCeiling, ViolationError } from '@p2pnet/conn'
import { Claim, type EndId, formatEnd, type Hello, Kind, noEnd, type P2pPack } from '@p2pnet/wire'
import { NetError } from './errors.ts'
import { DialerHandshake, ListenerHandshake } from './handshake.ts'
import type { NetState } from './net-state.ts'
import { typeOnly } from './options.ts'
import type { Peer } from './peer.ts'

/** A dialer may be told smaller frames than its own default, but none that a handshake would not fit in. */
const frameBytesMin = 1_024

export class Registrar {
  readonly #state: NetState
  readonly #handshakes = new Map<Conn, DialerHandshake | ListenerHandshake>()
  #onNumbered: ((end: EndId) => void) | undefined

  constructor(state: NetState) {
    this.#state = state
  }

  /** Prepares the handshake of a new conn. `key` is undefined without a secret. */
  begin(conn: Conn, key: Uint8Array | undefined): void {
    const { instance, end, options } = this.#state
    // Asked when it is needed: a socket that is still connecting has no address yet.
    const side = {
      linkClass: conn.linkClass,
      instance,
      key,
      get isLoopback() {
        return conn.isLoopback
      },
    }
    if (conn.role === 'dialer') {
      const claim = end === undefined ? Claim.anyNumber : Claim.exact
      const claimed = end ?? typeOnly(options.endType)
      this.#handshakes.set(
        conn,
        new DialerHandshake(side, { claim, end: claimed, lastEpoch: this.#state.lastOwnEpoch }),
      )
    } else {
      const { frameBytesMax, deadAfterMs, asksMax } = conn.options
      const limits = { frameBytesMax, deadAfterMs, asksMax }
      this.#handshakes.set(conn, new ListenerHandshake(side, { end: end ?? noEnd, limits }))
    }
  }

  /**
   * Calls once a gateway has given this net its number; `undefined` calls nobody any more.
   *
   * @throws NetError `ERR_NET_END_TAKEN` for a second caller.
   */
  whenNumbered(onNumbered: ((end: EndId) => void) | undefined): void {
    if (onNumbered !== undefined && this.#onNumbered !== undefined)
      throw new NetError('ERR_NET_END_TAKEN', "'self' is held already")
    this.#onNumbered = onNumbered
  }

  /** A dialled conn is connected. */
  onConnected(conn: Conn): void {
    const handshake = this.#handshakes.get(conn)
    if (handshake instanceof DialerHandshake) conn.sendAhead(handshake.helloFrame)
  }

  /** A legal frame of the handshake. @throws ViolationError, WireError: the conn closes with the reason. */
  onHandshake(conn: Conn, pack: P2pPack): void {
    const handshake = this.#handshakes.get(conn)
    const peer = this.#state.peers.get(conn)
    if (handshake === undefined || peer === undefined) throw new Error('a conn was never begun')
    if (handshake instanceof DialerHandshake) this.#dialerStep(handshake, peer, pack)
    else this.#listenerStep(handshake, peer, pack)
  }

  /** The conn is open or closed: nothing of its handshake is kept. */
  end(conn: Conn): void {
    this.#handshakes.delete(conn)
  }

  #listenerStep(handshake: ListenerHandshake, peer: Peer, pack: P2pPack): void {
    const { conn } = peer
    if (pack.kind === Kind.hello) {
      conn.sendAhead(handshake.onHello(pack))
      this.#state.identify(peer, hex(handshake.hello.instance))
      return conn.advance('challenged')
    }
    conn.advance('proved')
    handshake.onProve(pack)
    this.#settleRival(peer, handshake.hello.end)
    const end = this.#grant(handshake.hello)
    peer.end = end
    peer.epoch = this.#state.nextEpoch(handshake.hello.lastEpoch)
    this.#state.table.set(end, { peer, origin: end, epoch: peer.epoch, hops: 0 })
    conn.sendAhead(handshake.registered(end, peer.epoch))
    conn.open(conn.options.frameBytesMax)
  }

  #dialerStep(handshake: DialerHandshake, peer: Peer, pack: P2pPack): void {
    const { conn } = peer
    if (pack.kind === Kind.challenge) {
      conn.sendAhead(handshake.onChallenge(pack))
      this.#state.identify(peer, hex(handshake.challenge.instance))
      return conn.advance('challenged')
    }
    const { end, epoch } = handshake.onRegistered(pack)
    const { challenge } = handshake
    if (challenge.end === noEnd || challenge.limits.frameBytesMax < frameBytesMin) {
      throw new ViolationError('bad_frame', 'the listener announced no end, or a useless frame limit')
    }
    const route = this.#state.table.get(challenge.end)
    if (route !== undefined && route.peer.instance !== peer.instance) throw endTaken(challenge.end)
    const isNumbered = this.#takeNumber(end)
    this.#state.lastOwnEpoch = epoch
    peer.end = challenge.end
    peer.epoch = epoch
    this.#state.table.set(challenge.end, { peer, origin: challenge.end, epoch, hops: 0 })
    conn.open(Math.min(challenge.limits.frameBytesMax, frameBytesCeiling))
    // Once the conn is open: what starts now may send over it.
    if (isNumbered) this.#onNumbered?.(end)
  }

  /** True when the end was given just now. */
  #takeNumber(end: EndId): boolean {
    if (this.#state.end === end) return false
    if (this.#state.end !== undefined || end >>> 16 !== this.#state.options.endType) {
      throw new ViolationError(
        'bad_frame',
        `the listener gave the end ${formatEnd(end)}, which was not claimed`,
      )
    }
    this.#state.end = end
    return true
  }

  /**
   * Another conn with the same instance: of two dialled at once the one dialled by the lower (end, instance) stays;
   * of two dialled by the same side the newer one.
   */
  #settleRival(peer: Peer, end: EndId): void {
    const rival = this.#state.rivalOf(peer)
    if (rival === undefined) return
    if (rival.conn.role === 'dialer' && this.#isLowerThan(end, peer.instance ?? '')) {
      throw new ViolationError('replaced', 'a conn that this node has dialled stays instead')
    }
    this.#state.table.deletePeer(rival)
    rival.conn.kick('replaced')
  }

  #isLowerThan(end: EndId, instance: string): boolean {
    const own = this.#state.end ?? noEnd
    return own === end ? hex(this.#state.instance) < instance : own < end
  }

  /** The end that a proven hello gets. @throws ViolationError `end_taken`, `ends_exhausted` */
  #grant(hello: Hello): EndId {
    if (hello.claim === Claim.anyNumber) {
      const free = this.#state.freeNumber(hello.end >>> 16)
      if (free !== undefined) return free
      throw new ViolationError('ends_exhausted', 'all numbers of the type are in use')
    }
    if (hello.end === noEnd) throw new ViolationError('bad_frame', '0:0 is no end')
    if (this.#state.isTaken(hello.end)) throw endTaken(hello.end)
    return hello.end
  }
}

const endTaken = (end: EndId): ViolationError =>
  new ViolationError('end_taken', `the end ${formatEnd(end)} is held by somebody else`)

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
