// What `net.dial` gives: a peer that outlives its conns. Without `reconnect` it is the one conn; with it, a lost conn
// is dialled again after a wait that doubles, with full jitter, one dial at a time.
import type { Clock, CloseReason, P2pEnd, Random, TimerHandle } from '@p2pnet/wire'
import { endOf } from '@p2pnet/wire'
import type { Peer } from './peer.ts'

/** The peer behind a dial, as its caller sees it. */
export interface DialedPeer {
  /** Its own end. */
  readonly end: P2pEnd
  /** A conn to it is open. */
  readonly isOpen: boolean
  /** Drains and closes the conn, and dials no more. May be called twice. */
  close(options?: { readonly deadlineMs?: number }): Promise<void>
}

/** Waits between dials: full jitter between 0 and a bound that doubles from `minMs` to `maxMs`. */
export const reconnectWaits = {
  node: { minMs: 100, maxMs: 3_000 },
  client: { minMs: 200, maxMs: 30_000 },
} as const

export interface RedialSetup {
  readonly connect: () => Promise<Peer>
  /** Another conn with the same node that is there to stay. */
  readonly rivalOf: (peer: Peer) => Peer | undefined
  readonly reconnect: boolean
  /** All that dial again until they are stopped. */
  readonly all: Set<Redial>
  readonly clock: Clock
  readonly random: Random
}

export class Redial implements DialedPeer {
  readonly #setup: RedialSetup
  #peer: Peer
  #timer: TimerHandle
  #attempts = 0
  #isClosed = false

  constructor(peer: Peer, setup: RedialSetup) {
    this.#setup = setup
    this.#peer = peer
    if (setup.reconnect) setup.all.add(this)
    this.#watch()
  }

  get end(): P2pEnd {
    const { end } = this.#peer
    if (end === undefined) throw new Error('a peer without an end was ready')
    return endOf(end)
  }

  get isOpen(): boolean {
    return this.#peer.conn.phase === 'open'
  }

  async close(options: { readonly deadlineMs?: number } = {}): Promise<void> {
    this.stop()
    this.#peer.conn.close('normal', options.deadlineMs)
    await this.#peer.closed
  }

  /** Dials no more. */
  stop(): void {
    this.#isClosed = true
    this.#setup.all.delete(this)
    this.#setup.clock.clearTimeout(this.#timer)
  }

  #watch(): void {
    if (this.#setup.reconnect) void this.#peer.closed.then((reason) => this.#onClosed(reason))
  }

  /** Where another conn of the two nodes has taken over, that one is kept: dialling would take over from it. */
  async #onClosed(reason: CloseReason): Promise<void> {
    const other = reason === 'replaced' ? this.#setup.rivalOf(this.#peer) : undefined
    if (other === undefined) return this.#wait()
    try {
      await other.ready
    } catch {
      return this.#wait()
    }
    this.#peer = other
    this.#watch()
  }

  #wait(): void {
    if (this.#isClosed) return
    const { minMs, maxMs } = reconnectWaits[this.#peer.conn.linkClass]
    const boundMs = Math.min(maxMs, minMs * 2 ** Math.min(this.#attempts, 16))
    this.#attempts++
    this.#timer = this.#setup.clock.setTimeout(
      () => void this.#dial(),
      Math.ceil(this.#setup.random() * boundMs),
    )
  }

  async #dial(): Promise<void> {
    try {
      this.#peer = await this.#setup.connect()
    } catch {
      // Said in the log by the conn's close; the next attempt follows.
      return this.#wait()
    }
    this.#attempts = 0
    if (this.#isClosed) this.#peer.conn.close()
    this.#watch()
  }
}
