// What the net knows of the node or client behind one conn: its end, what it asks of us, how far it has drained.
// Made with the conn, dead with the conn; a peer that comes back is another one.
import { OpenAsk, type OpenAskSetup } from '@p2pnet/actor'
import type { Conn, Swept } from '@p2pnet/conn'
import type { CloseReason, EndId, P2pError } from '@p2pnet/wire'

/** An ask that came over a conn; it is answered over the same one. */
export class RemoteAsk extends OpenAsk {
  readonly peer: Peer

  constructor(peer: Peer, setup: OpenAskSetup) {
    super(setup)
    this.peer = peer
  }
}

export class Peer implements Swept {
  readonly conn: Conn
  /** Known once it is registered. */
  end: EndId | undefined
  /** Its instance id in hex, known from hello or challenge on. */
  instance: string | undefined
  epoch = 0
  /** What went wrong first. */
  error: P2pError | undefined
  /** Asks of this peer that are not answered yet, by call sequence. */
  readonly openAsks = new Map<number, RemoteAsk>()
  /** Asks of this node that wait for this peer. */
  waitingAsks = 0
  /** It takes no new work: it said drain, or drained. */
  isDraining = false
  /** Its ends when it began to drain: no longer routed to, but it may still send from them. */
  formerEnds: ReadonlySet<EndId> | undefined
  /** Ends that its announces and withdraws have named so far, besides the first one of each range. */
  rangedEnds = 0
  /** It has sent its last new work. */
  hasDrained = false
  /** Settles when the conn is open and the first routes are known, or when it has closed before that. */
  readonly ready: Promise<void>
  readonly closed: Promise<CloseReason>
  #becomeReady: () => void = () => {}
  #fail: (error: unknown) => void = () => {}
  #becomeClosed: (reason: CloseReason) => void = () => {}

  constructor(conn: Conn) {
    this.conn = conn
    this.ready = new Promise<void>((resolve, reject) => {
      this.#becomeReady = resolve
      this.#fail = reject
    })
    // Nobody has to wait for it.
    this.ready.catch(() => {})
    this.closed = new Promise((resolve) => {
      this.#becomeClosed = resolve
    })
  }

  /** Open, and its routes are known. */
  becomeReady(): void {
    this.#becomeReady()
  }

  /** The conn is closed. `error` is for whoever still waits for it to become ready. */
  close(reason: CloseReason, error: unknown): void {
    this.#fail(error)
    this.#becomeClosed(reason)
  }

  /** Its ask is answered, or nobody waits for it any more. */
  settle(ask: RemoteAsk): void {
    ask.isSettled = true
    this.openAsks.delete(ask.callSeq)
  }

  /** Gives up all open asks: their askers are gone. */
  abortAll(): void {
    for (const ask of this.openAsks.values()) {
      ask.isSettled = true
      ask.abort()
    }
    this.openAsks.clear()
  }

  /** Called by the sweep: asks past their deadline have timed out at their asker. */
  sweep(nowMs: number): void {
    for (const ask of this.openAsks.values()) {
      if (ask.deadlineAt > nowMs) continue
      this.settle(ask)
      ask.abort()
    }
  }

  /** Called by a sweep that came late: askers' clocks went on meanwhile. */
  forgive(): void {}
}
