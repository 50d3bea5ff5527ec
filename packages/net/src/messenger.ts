// Sends: tell, ask, reply, fail and cancel, to an actor of this node or over a conn. It owns the asks of this node
// that wait. Step 7 of a pack's way, and where every outgoing pack begins.
import { type ActorCell, type AskOptions, type Failure, Message, OpenAsk } from '@p2pnet/actor'
import {
  type EndId,
  type EndLike,
  failPayload,
  Kind,
  P2pPack,
  putPayload,
  requireInteger,
  toEndId,
} from '@p2pnet/wire'
import {
  aborted,
  detailsAsPayload,
  noRoute,
  notSent,
  overloaded,
  peerClosed,
  refusedPayload,
  timedOut,
} from './ask-failures.ts'
import type { DeadLetters } from './dead-letters.ts'
import type { NetState } from './net-state.ts'
import { type Peer, RemoteAsk } from './peer.ts'
import { type PendingAsk, PendingAsks } from './pending-asks.ts'

const noBytes = new Uint8Array(0)
const askTimeoutMs = 5_000
const askTimeoutMsMax = 0x7fffffff

export class Messenger {
  readonly pending: PendingAsks
  readonly #state: NetState
  readonly #deadLetters: DeadLetters
  readonly #outgoing = new P2pPack(Kind.tell)
  /** An ask has ended, of this peer or, undefined, of this node: it may be all that a close waits for. */
  onAnswered: (peer: Peer | undefined) => void = () => {}

  constructor(state: NetState, deadLetters: DeadLetters) {
    this.#state = state
    this.#deadLetters = deadLetters
    const { clock, asksMax: capacity } = state.options
    const onTimeout = (ask: PendingAsk): void => this.#giveUp(ask, timedOut(ask.destination))
    this.pending = new PendingAsks({ clock, capacity, onTimeout, onEnded: (peer) => this.onAnswered(peer) })
  }

  /** At most once. What cannot be delivered is a dead letter. @throws WireError for what cannot travel. */
  tell(from: EndId, to: EndLike, value: unknown): void {
    const destination = toEndId(to)
    this.#state.counters.tells++
    const cell = this.#state.actors.get(destination)
    if (cell !== undefined) return this.post(cell, Message.local(from, value))
    putPayload(this.#outgoing, value)
    const pack = this.#pack(Kind.tell, from, destination)
    const peer = this.#peerFor(destination)
    if (peer === undefined) {
      return this.#deadLetters.addUnrouted(Message.local(from, value), destination, 'no_route')
    }
    if (peer.conn.send(pack) === 'sent') return
    this.#deadLetters.addUnrouted(Message.local(from, value), destination, 'not_sent')
  }

  /** Ends exactly once: with the reply, or with an `AskError`. */
  ask(from: EndId, to: EndLike, value: unknown, options: AskOptions = {}): Promise<unknown> {
    try {
      return this.#ask(from, to, value, options)
    } catch (error) {
      // A bad end, option or value: the caller's own, and not an ask that was begun.
      return Promise.reject(error)
    }
  }

  /** Gives a message to an actor of this node. */
  post(cell: ActorCell, message: Message): void {
    this.#state.counters.accepted++
    const result = cell.post(message)
    if (result === 'accepted') return
    const isFull = result === 'full'
    this.#deadLetters.add(message, cell.end, isFull ? 'mailbox_full' : 'stopped')
    if (message.ask !== undefined)
      this.fail(message.ask, isFull ? overloaded('the mailbox is full') : noRoute(cell.end))
  }

  /** Answers an ask, once. */
  reply(ask: OpenAsk, value: unknown): void {
    if (ask.isSettled) return
    if (!(ask instanceof RemoteAsk)) {
      ask.isSettled = true
      const waiting = this.pending.get(ask.callSeq)
      if (waiting?.local === ask) this.pending.settle(waiting, value)
      return
    }
    try {
      putPayload(this.#outgoing, value)
    } catch (error) {
      return this.fail(ask, refusedPayload(error, true))
    }
    const result = ask.peer.conn.send(this.#answerPack(Kind.reply, ask))
    if (result === 'too_large')
      return this.fail(ask, refusedPayload(new Error('the reply is too large'), true))
    this.#settleRemote(ask)
  }

  /** Ends an ask without an answer, once. */
  fail(ask: OpenAsk, failure: Failure): void {
    if (ask.isSettled) return
    if (ask instanceof RemoteAsk) {
      // Encoded first: a getter in the details may send, and there is one outgoing pack.
      const payload = failPayload({ ...failure, details: detailsAsPayload(failure) })
      const pack = this.#answerPack(Kind.fail, ask)
      pack.payload = payload
      const result = ask.peer.conn.send(pack)
      if (result === 'too_large') {
        // The details do not fit: the asker must at least learn that it failed.
        pack.payload = failPayload({ ...failure, details: noBytes })
        ask.peer.conn.send(pack)
      }
      return this.#settleRemote(ask)
    }
    ask.isSettled = true
    const waiting = this.pending.get(ask.callSeq)
    if (waiting?.local === ask) this.pending.fail(waiting, failure)
  }

  /** The conn has died: nothing more comes over it. */
  onPeerClosed(peer: Peer): void {
    for (const ask of peer.waitingAsks === 0 ? [] : this.pending.all()) {
      if (ask.peer === peer) this.pending.fail(ask, peerClosed(ask.destination))
    }
    peer.abortAll()
  }

  /** Ends whatever still waits when the net has stopped. */
  close(): void {
    for (const ask of this.pending.all()) this.pending.fail(ask, aborted(true))
    this.pending.close()
  }

  #ask(from: EndId, to: EndLike, value: unknown, options: AskOptions): Promise<unknown> {
    const destination = toEndId(to)
    const timeoutMs = options.timeoutMs ?? askTimeoutMs
    requireInteger('timeoutMs', timeoutMs, { min: 1, max: askTimeoutMsMax })
    if (options.signal?.aborted) return this.pending.refuse(aborted(false))
    const seq = this.pending.nextSeq()
    if (seq === undefined) return this.pending.refuse(overloaded('too many asks of this node are open'))
    const deadlineAt = this.#state.options.clock.mono() + timeoutMs
    const cell = this.#state.actors.get(destination)
    if (cell !== undefined)
      return this.#askLocal(cell, value, { from, seq, deadlineAt, signal: options.signal })
    const peer = this.#peerFor(destination)
    if (peer === undefined) return this.pending.refuse(noRoute(destination))
    putPayload(this.#outgoing, value)
    const pack = this.#pack(Kind.ask, from, destination)
    pack.callTag = this.#state.tag
    pack.callSeq = seq
    pack.deadlineMs = timeoutMs
    const result = peer.conn.send(pack)
    if (result !== 'sent') return this.pending.refuse(notSent(result, destination))
    return this.#wait({ seq, from, destination, peer, deadlineAt, local: undefined, signal: options.signal })
  }

  // Objects are written out here: spreads would cost more than all the rest of a local ask.
  #askLocal(cell: ActorCell, value: unknown, begun: BegunAsk): Promise<unknown> {
    const { from, seq, deadlineAt, signal } = begun
    const asked = cell.end
    const local = new OpenAsk({ from, asked, callTag: this.#state.tag, callSeq: seq, deadlineAt })
    const answer = this.#wait({ seq, from, destination: asked, peer: undefined, deadlineAt, local, signal })
    this.post(cell, Message.local(from, value, local))
    return answer
  }

  #wait(ask: BegunAsk & Pick<PendingAsk, 'destination' | 'peer' | 'local'>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const { seq, from, destination, peer, deadlineAt, local, signal } = ask
      const waiting: PendingAsk = {
        seq,
        from,
        destination,
        peer,
        deadlineAt,
        local,
        resolve,
        reject,
        release: undefined,
      }
      this.pending.add(waiting)
      if (signal === undefined) return
      const onAbort = (): void => this.#giveUp(waiting, aborted(true))
      signal.addEventListener('abort', onAbort, { once: true })
      waiting.release = () => signal.removeEventListener('abort', onAbort)
    })
  }

  /** The asker waits no more, and whoever works on it is told. */
  #giveUp(ask: PendingAsk, failure: Failure): void {
    if (!this.pending.fail(ask, failure)) return
    if (ask.local !== undefined) {
      ask.local.isSettled = true
      ask.local.abort()
    } else if (ask.peer !== undefined) {
      const pack = this.#pack(Kind.cancel, ask.from, ask.destination)
      pack.callTag = this.#state.tag
      pack.callSeq = ask.seq
      pack.payload = noBytes
      ask.peer.conn.send(pack)
    }
  }

  #settleRemote(ask: RemoteAsk): void {
    ask.peer.settle(ask)
    this.onAnswered(ask.peer)
  }

  #answerPack(kind: typeof Kind.reply | typeof Kind.fail, ask: OpenAsk): P2pPack {
    const pack = this.#pack(kind, ask.asked, ask.from)
    pack.callTag = ask.callTag
    pack.callSeq = ask.callSeq
    return pack
  }

  /**
   * The header of the one outgoing pack, which is free again when a conn has taken it. Its payload is put before:
   * encoding runs the getters of the value, and they may send.
   */
  #pack(kind: Kind, source: EndId, destination: EndId): P2pPack {
    const pack = this.#outgoing
    pack.kind = kind
    pack.source = source
    pack.destination = destination
    pack.callTag = 0
    pack.callSeq = 0
    pack.deadlineMs = undefined
    return pack
  }

  /** A client sends everything that is not here to its gateway, which knows. */
  #peerFor(destination: EndId): Peer | undefined {
    const peer = this.#state.table.get(destination)?.peer ?? this.#state.gateway
    return peer?.isDraining ? undefined : peer
  }
}

interface BegunAsk {
  readonly seq: number
  readonly from: EndId
  readonly deadlineAt: number
  readonly signal: AbortSignal | undefined
}
