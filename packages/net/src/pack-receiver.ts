// Takes packs from conns: step 5 of a pack's way. It asks the router and carries its decision out: to a mailbox, to
// the ask that waits, or back as a failure. Nothing runs here; actors run when the quantum is over.
import { type Failure, Message, type ReadyQueue } from '@p2pnet/actor'
import { type Conn, ViolationError } from '@p2pnet/conn'
import {
  decodePayload,
  Flag,
  guard,
  Kind,
  noEnd,
  type P2pPack,
  type PayloadLimits,
  readFail,
  scanPayload,
} from '@p2pnet/wire'
import { noRoute, overloaded, refusedPayload } from './ask-failures.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { Messenger } from './messenger.ts'
import type { NetState } from './net-state.ts'
import type { P2pNet } from './p2p-net.ts'
import { type Peer, RemoteAsk } from './peer.ts'
import { route } from './router.ts'

/** An ask that names no deadline. */
const deadlineMsDefault = 5_000

export interface PackReceiverParts {
  readonly net: P2pNet
  readonly state: NetState
  readonly messenger: Messenger
  readonly deadLetters: DeadLetters
  readonly readyQueue: ReadyQueue
}

export class PackReceiver {
  readonly #parts: PackReceiverParts
  /** Delivered since the last turn: what is still queued after it gets bytes of its own. */
  #arrivals: Message[] = []
  /** The monotonic clock, read at the first ask of a turn. */
  #nowMs: number | undefined

  constructor(parts: PackReceiverParts) {
    this.#parts = parts
  }

  /** @throws ViolationError, WireError: the conn closes. */
  onPack(conn: Conn, pack: P2pPack): void {
    const { state } = this.#parts
    const peer = state.peers.get(conn)
    if (peer === undefined) return
    if (conn.linkClass === 'client' && conn.role === 'listener') this.#stampClient(peer, pack)
    this.#notify(pack)
    const decision = route(pack, peer, { cells: state.actors, table: state.table })
    switch (decision.kind) {
      case 'deliver':
        return this.#deliver(peer, pack, decision.cell)
      case 'settle':
        return this.#settle(peer, pack)
      case 'cancel':
        return this.#cancel(peer, pack)
      case 'refuse':
        return this.#refuse(peer, pack, decision.why)
    }
  }

  /** Actors run; then what is still queued is detached from its chunk. */
  onTurn(): void {
    this.#parts.readyQueue.run()
    for (const message of this.#arrivals) if (message.isQueued) message.pack?.detach()
    this.#arrivals = []
    this.#nowMs = undefined
  }

  /** The payload's value. @throws WireError `ERR_WIRE_PAYLOAD_REFUSED` */
  decode(pack: P2pPack): unknown {
    return decodePayload(pack, this.#payloadLimits(pack))
  }

  /** An ask, or the cancel of one, that came while its conn drains. */
  onLatePack(peer: Peer, pack: P2pPack): void {
    if (pack.kind === Kind.cancel) this.#cancel(peer, pack)
    else this.#failAsk(this.#openAsk(peer, pack), pack, noRoute(pack.destination))
  }

  #deliver(peer: Peer, pack: P2pPack, cell: Parameters<Messenger['post']>[0]): void {
    const ask = pack.kind === Kind.ask ? this.#openAsk(peer, pack) : undefined
    if (pack.kind === Kind.ask && peer.openAsks.size > peer.conn.options.asksMax) {
      return this.#failAsk(ask, pack, overloaded('too many asks of this peer are open'))
    }
    const message = Message.remote(pack, ask)
    this.#arrivals.push(message)
    this.#parts.messenger.post(cell, message)
  }

  #openAsk(peer: Peer, pack: P2pPack): RemoteAsk {
    if (peer.openAsks.has(pack.callSeq)) {
      throw new ViolationError('bad_frame', `the call ${pack.callSeq} is still open`)
    }
    this.#nowMs ??= this.#parts.state.options.clock.mono()
    const ask = new RemoteAsk(peer, {
      from: pack.source,
      asked: pack.destination,
      callTag: pack.callTag,
      callSeq: pack.callSeq,
      deadlineAt: this.#nowMs + (pack.deadlineMs ?? deadlineMsDefault),
    })
    peer.openAsks.set(ask.callSeq, ask)
    return ask
  }

  #refuse(peer: Peer, pack: P2pPack, why: 'no_route' | 'bad_source' | 'unknown_flags'): void {
    if (why === 'bad_source' && peer.conn.linkClass === 'client') {
      throw new ViolationError('bad_source', 'a client sent a pack in the name of somebody else')
    }
    // Between nodes a source may just have been withdrawn: the pack is dropped, the conn goes on.
    const ask = pack.kind === Kind.ask ? this.#openAsk(peer, pack) : undefined
    const failure =
      why === 'unknown_flags'
        ? refusedPayload(new Error('the pack has flags of a newer version'), false)
        : noRoute(pack.destination)
    this.#failAsk(ask, pack, failure)
  }

  #failAsk(ask: RemoteAsk | undefined, pack: P2pPack, failure: Failure): void {
    const { deadLetters, messenger } = this.#parts
    const reason =
      failure.code === 'ERR_ASK_NO_ROUTE'
        ? 'no_route'
        : failure.code === 'ERR_ASK_OVERLOADED'
          ? 'overloaded'
          : 'refused'
    deadLetters.addUnrouted(Message.remote(pack, ask), pack.destination, reason)
    if (ask !== undefined) messenger.fail(ask, failure)
  }

  #cancel(peer: Peer, pack: P2pPack): void {
    const ask = peer.openAsks.get(pack.callSeq)
    if (ask === undefined || ask.callTag !== pack.callTag) return
    peer.settle(ask)
    ask.abort()
    this.#parts.messenger.onAnswered(peer)
  }

  /** A reply counts only with our tag, a pending sequence, and the source and the conn that were asked. */
  #settle(peer: Peer, pack: P2pPack): void {
    const { state, messenger } = this.#parts
    const waiting = pack.callTag === state.tag ? messenger.pending.get(pack.callSeq) : undefined
    if (waiting === undefined || waiting.destination !== pack.source || waiting.peer !== peer) return
    try {
      if (pack.kind === Kind.reply) messenger.pending.settle(waiting, this.decode(pack))
      else messenger.pending.fail(waiting, this.#readFailure(pack))
    } catch (error) {
      messenger.pending.fail(waiting, refusedPayload(error, true))
    }
  }

  #readFailure(pack: P2pPack): Failure {
    const fail = readFail(pack)
    const details = decodePayload(
      { bytes: fail.details, start: 0, end: fail.details.length },
      this.#payloadLimits(pack),
    )
    // Facts are an object; anything else from a peer is none.
    const isObject = typeof details === 'object' && details !== null && !Array.isArray(details)
    return { ...fail, details: isObject ? { ...details } : undefined }
  }

  /** The gateway writes a client's true source, and refuses a bad payload before it goes anywhere. */
  #stampClient(peer: Peer, pack: P2pPack): void {
    if (pack.source === noEnd && peer.end !== undefined) pack.source = peer.end
    pack.flags |= Flag.fromClient
    if (pack.kind === Kind.fail || pack.kind === Kind.cancel) return
    const fault = scanPayload(pack, this.#payloadLimits(pack))
    if (fault !== undefined) throw new ViolationError('bad_payload', `the payload is refused: ${fault}`)
  }

  /** Client limits hold for a client's payloads wherever they are decoded. */
  #payloadLimits(pack: P2pPack): PayloadLimits {
    const { conn } = this.#parts.state.options
    return (pack.flags & Flag.fromClient) === 0 ? conn.node.payload : conn.client.payload
  }

  #notify(pack: P2pPack): void {
    const { net, state } = this.#parts
    const { listener, logger } = state.options
    if (listener.onP2pCall === undefined) return
    guard(
      () => listener.onP2pCall?.(net, pack),
      (error) => logger.error({ err: error }, 'listener failed'),
    )
  }
}
