// What the parts of one net share: who it is, whom it knows, and what it has counted. Changed by the net's own
// files only; nothing here acts.
import { randomBytes } from 'node:crypto'
import type { DeadLetterReason, Supervisor } from '@p2pnet/actor'
import type { Conn } from '@p2pnet/conn'
import { type EndId, endId, Handshake } from '@p2pnet/wire'
import type { ResolvedNetOptions } from './options.ts'
import type { Peer } from './peer.ts'
import { RoutingTable } from './routing-table.ts'

/** Plain counters, all of them only ever growing. */
export interface Counters {
  /** Tells that were sent from this node. */
  tells: number
  /** Messages for actors of this node, or for nobody. */
  accepted: number
  /** Messages handled to their end. */
  delivered: number
  deadLetters: number
  crashes: number
  restarts: number
  connsOpened: number
  connsClosed: number
  bytesIn: number
  bytesOut: number
  packsIn: number
  packsOut: number
}

export const zeroCounters = (): Counters => ({
  tells: 0,
  accepted: 0,
  delivered: 0,
  deadLetters: 0,
  crashes: 0,
  restarts: 0,
  connsOpened: 0,
  connsClosed: 0,
  bytesIn: 0,
  bytesOut: 0,
  packsIn: 0,
  packsOut: 0,
})

/** Epochs are u48 on the wire. */
const epochMax = 0xffffffffffff
const endNoMax = 0xffff

export class NetState {
  readonly options: ResolvedNetOptions
  /** 16 random bytes: this process, and no other one with the same end. */
  readonly instance: Uint8Array = randomBytes(Handshake.instanceBytes)
  /** First half of every call id, so that answers to another instance's asks are never taken for ours. */
  readonly tag: number = randomBytes(4).readUInt32BE()
  /** Own end; undefined until a gateway has given a number. */
  end: EndId | undefined
  readonly table = new RoutingTable()
  readonly peers = new Map<Conn, Peer>()
  /** Where a client sends everything that is not here. */
  gateway: Peer | undefined
  readonly counters = zeroCounters()
  readonly deadLettersByReason = new Map<DeadLetterReason, number>()
  #supervisor: Supervisor | undefined
  /** The epoch that this node was last registered with. */
  lastOwnEpoch = 0
  #lastEpoch = 0
  readonly #lastNumbers = new Map<number, number>()
  readonly #byInstance = new Map<string, Set<Peer>>()

  constructor(options: ResolvedNetOptions) {
    this.options = options
    this.end = options.end
  }

  /** The actors that `spawn` has started. */
  get actors(): Supervisor {
    if (this.#supervisor === undefined) throw new Error('the net is not assembled yet')
    return this.#supervisor
  }

  set actors(supervisor: Supervisor) {
    this.#supervisor = supervisor
  }

  /** Messages accepted and not handled to their end. */
  get inFlight(): number {
    const { accepted, delivered, deadLetters } = this.counters
    return accepted - delivered - deadLetters
  }

  /** A new epoch, higher than all before and than the one that the other side remembers. */
  nextEpoch(remembered = 0): number {
    this.#lastEpoch = Math.max(this.options.clock.now(), this.#lastEpoch) + 1
    // What one peer claims to remember raises its own epoch, and nobody else's.
    return Math.min(epochMax, Math.max(this.#lastEpoch, remembered + 1))
  }

  /** The process behind a peer is known now, by its instance id in hex. */
  identify(peer: Peer, instance: string): void {
    peer.instance = instance
    const same = this.#byInstance.get(instance)
    if (same === undefined) this.#byInstance.set(instance, new Set([peer]))
    else same.add(peer)
  }

  /**
   * Another conn with the same process that is there to stay, if there is one. Of two that were accepted the other
   * one must have proven itself: anybody may say hello with an instance id that was overheard. So may a client with
   * that of a node, so only conns of one class are rivals.
   */
  rivalOf(peer: Peer): Peer | undefined {
    const same = peer.instance === undefined ? undefined : this.#byInstance.get(peer.instance)
    const isDialled = peer.conn.role === 'dialer'
    return [...(same ?? [])].find(
      (other) =>
        other !== peer &&
        other.conn.linkClass === peer.conn.linkClass &&
        other.conn.phase !== 'draining' &&
        (isDialled || other.conn.role === 'dialer' || other.end !== undefined),
    )
  }

  /** The conn of a peer is closed. */
  removePeer(peer: Peer): void {
    this.peers.delete(peer.conn)
    if (peer.instance === undefined) return
    const same = this.#byInstance.get(peer.instance)
    same?.delete(peer)
    if (same?.size === 0) this.#byInstance.delete(peer.instance)
  }

  /** A free number of a type: 1 to 65535, after the one that was given last; undefined when all are in use. */
  freeNumber(endType: number): EndId | undefined {
    const last = this.#lastNumbers.get(endType) ?? 0
    for (let tried = 0; tried < endNoMax; tried++) {
      const endNo = ((last + tried) % endNoMax) + 1
      if (this.isTaken(endId(endType, endNo))) continue
      this.#lastNumbers.set(endType, endNo)
      return endId(endType, endNo)
    }
    return undefined
  }

  /** Whether an end is in use: ours, an actor's here, or routed elsewhere. */
  isTaken(end: EndId): boolean {
    return end === this.end || this.actors.get(end) !== undefined || this.table.get(end) !== undefined
  }
}
