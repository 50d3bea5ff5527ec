// The reading half of a conn: chunks in, packs out, each held against the rules of the conn's phase. Owned by
// one Conn, which says what the rules are and where packs go.
import {
  FrameDecoder,
  type FrameRules,
  frameRules,
  Handshake,
  Kind,
  KindBit,
  type P2pPack,
  type Phase,
} from '@p2pnet/wire'
import type { Conn } from './conn.ts'
import type { ConnOwner } from './conn-owner.ts'
import { ViolationError } from './errors.ts'

/** Packs handed over before the owner gets a turn, so that one chunk never overflows the mailbox of an actor that keeps up. */
const quantum = 256

export interface ReaderHandlers {
  onControl(pack: P2pPack): void
  /** The input broke a rule, or a handler threw: no more is read. */
  onFail(error: unknown): void
}

export class ConnReader {
  readonly #conn: Conn
  readonly #owner: ConnOwner
  readonly #handlers: ReaderHandlers
  readonly #decoder = new FrameDecoder({ frameBytesMax: Handshake.frameBytesMax })
  #rules: FrameRules = []
  #wasOpen = false
  #isHeld = false
  #heldChunks: Uint8Array[] = []
  #isStopped = false

  /** Data packs go straight to the owner. */
  constructor(conn: Conn, owner: ConnOwner, handlers: ReaderHandlers) {
    this.#conn = conn
    this.#owner = owner
    this.#handlers = handlers
  }

  get isHeld(): boolean {
    return this.#isHeld
  }

  /** The conn is in this phase now. While it judges, nothing is read; what comes is kept until `release`. */
  enter(phase: Phase): void {
    const { role, linkClass } = this.#conn
    this.#rules = frameRules({ phase, role, linkClass })
    if (phase === 'open') this.#wasOpen = true
    else if (phase === 'judging') this.#isHeld = true
    // Who never registered may not even finish what it began.
    else if (phase === 'draining' && !this.#wasOpen) this.stop()
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#decoder.setFrameBytesMax(frameBytesMax)
  }

  push(chunk: Uint8Array): void {
    if (this.#isStopped) return
    // The link is paused, but what its socket had read already comes before the release does.
    if (this.#isHeld) this.#heldChunks.push(chunk)
    else {
      this.#decoder.push(chunk)
      this.#read()
    }
  }

  release(): void {
    if (!this.#isHeld || this.#isStopped) return
    this.#isHeld = false
    const chunks = this.#heldChunks
    this.#heldChunks = []
    this.#read()
    for (const chunk of chunks) this.push(chunk)
  }

  /** Reads nothing more, for good. */
  stop(): void {
    this.#isStopped = true
    this.#heldChunks = []
  }

  #read(): void {
    try {
      this.#readPacks()
    } catch (error) {
      this.#fail(error)
    }
    // Also after a violation: a turn that has begun must end, for what came before it and for the other conns.
    try {
      this.#owner.onTurn(this.#conn)
    } catch (error) {
      this.#fail(error)
    }
  }

  #readPacks(): void {
    let left = quantum
    while (!this.#isStopped && !this.#isHeld) {
      const pack = this.#decoder.next()
      if (pack === undefined) return
      this.#take(pack)
      if (--left > 0) continue
      this.#owner.onTurn(this.#conn)
      left = quantum
    }
  }

  #fail(error: unknown): void {
    this.#isStopped = true
    this.#handlers.onFail(error)
  }

  #take(pack: P2pPack): void {
    const stats = this.#conn.stats
    const verdict = this.#rules[pack.kind]
    stats.packsIn++
    if (verdict === 'discard') this.#discard(pack)
    else if (verdict !== 'accept') this.#refuse(pack)
    else if ((pack.kind & KindBit.routed) !== 0) this.#owner.onPack(this.#conn, pack)
    else this.#handlers.onControl(pack)
  }

  /** Work that comes too late. Who asks is told so and may ask elsewhere; who gives up need not be waited for. */
  #discard(pack: P2pPack): void {
    this.#conn.stats.discarded++
    if (pack.kind === Kind.ask || pack.kind === Kind.cancel) this.#owner.onLatePack(this.#conn, pack)
  }

  #refuse(pack: P2pPack): void {
    // A goodbye closes in any phase, so its reason may as well be read.
    if (pack.kind === Kind.bye) return this.#handlers.onControl(pack)
    throw new ViolationError('kind_not_allowed', `a frame of kind ${pack.kind} is not allowed in this phase`)
  }
}
