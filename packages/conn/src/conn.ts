// One connection: a link below, the connection machine beside it, the net above. Step 2 and step 4 of a pack's
// way in, and the last step out. The machine opens and shuts the gates; the pack path only reads them.
import {
  type CloseReason,
  controlPack,
  guard,
  Kind,
  type LinkClass,
  type P2pPack,
  type Phase,
  type Role,
  readReason,
  reasonPack,
} from '@p2pnet/wire'
import { type ConnEffects, ConnLife } from './conn-life.ts'
import { ConnNotifier } from './conn-listener.ts'
import type { ConnSetup, SendResult } from './conn-owner.ts'
import { ConnReader } from './conn-reader.ts'
import { reasonOf, shownError, ViolationError } from './errors.ts'
import { Heartbeat, pingEcho } from './heartbeat.ts'
import type { ResolvedConnOptions } from './options.ts'
import { WriteQueue } from './write-queue.ts'

export class Conn {
  readonly id: number
  readonly role: Role
  readonly linkClass: LinkClass
  /** The limits of its link class. */
  readonly options: ResolvedConnOptions
  /** Plain counters of this conn. */
  readonly stats = { packsIn: 0, packsOut: 0, bytesIn: 0, bytesOut: 0, discarded: 0 }
  readonly #setup: ConnSetup
  readonly #reader: ConnReader
  readonly #queue: WriteQueue
  readonly #heartbeat: Heartbeat
  readonly #notifier: ConnNotifier
  readonly #life: ConnLife
  readonly #onFault = (error: unknown): void => this.#setup.owner.onFault(this, error)
  #maySend = false
  wasOpen = false

  constructor(setup: ConnSetup) {
    this.#setup = setup
    this.id = setup.id
    this.role = setup.role
    this.linkClass = setup.linkClass
    this.options = setup.options
    this.#notifier = new ConnNotifier(setup.listener, setup.owner)
    this.#reader = new ConnReader(this, setup.owner, {
      onControl: (pack) => this.#control(pack),
      onFail: (error) => this.#fail(error),
    })
    this.#queue = new WriteQueue({
      ...setup,
      onWrite: (bytes) => this.#onWrite(bytes),
      onEmpty: () => this.phase === 'draining' && this.#life.send({ type: 'flushed' }),
    })
    this.#heartbeat = new Heartbeat(setup.role, setup.options, setup.clock.mono())
    this.#life = new ConnLife({
      ...setup,
      id: `conn:${setup.id}`,
      times: { dialTimeoutMs: setup.dialTimeoutMs, registerTimeoutMs: setup.options.registerTimeoutMs },
      effects: this.#effects(),
    })
    setup.sweep.add(this)
    this.#life.start()
  }

  get phase(): Phase {
    return this.#life.phase
  }

  /** The statechart's own words: a string or nested states. */
  get state(): unknown {
    return this.#life.state
  }

  get remoteAddress(): string {
    return this.#setup.link.remoteAddress
  }

  get isLoopback(): boolean {
    return this.#setup.link.isLoopback
  }

  /** Bytes accepted and not yet handed to the system. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes
  }

  /** Round-trip time of the last answered ping, ms. */
  get roundTripMs(): number | undefined {
    return this.#heartbeat.roundTripMs
  }

  /** Queues a pack. Its payload is copied: the bytes are the caller's again. */
  send(pack: P2pPack): SendResult {
    if (!this.#maySend) return 'closed'
    const result = this.#queue.offer(pack)
    if (result === 'full') return this.#onQueueFull(pack.kind === Kind.reply || pack.kind === Kind.fail)
    if (result === 'sent') this.stats.packsOut++
    return result
  }

  /** Queues a control frame behind the packs sent before it, as announcements must be. */
  sendInOrder(pack: P2pPack): void {
    // Behind a goodbye nothing is sent.
    if (this.phase === 'closed' || (this.wasOpen && !this.#maySend)) return
    if (this.#queue.offer(pack) !== 'sent') this.#onQueueFull(true)
  }

  /** Queues a control frame ahead of all waiting packs. */
  sendAhead(pack: P2pPack): void {
    if (this.phase === 'closed' || this.#queue.pushControl(pack)) return
    this.#fail(new ViolationError('write_queue_full', 'the peer causes control frames and reads none'))
  }

  /** A step of the handshake was made, or all work of a draining conn is done. */
  advance(step: 'challenged' | 'proved' | 'drained'): void {
    this.#life.send({ type: step })
  }

  /** The handshake is done; no frame on this conn is larger than what its listener announced. */
  open(frameBytesMax: number): void {
    this.#queue.setFrameBytesMax(frameBytesMax)
    this.#reader.setFrameBytesMax(frameBytesMax)
    this.#life.send({ type: 'registered' })
  }

  /** Ends gracefully: accepted writes are flushed within the time, then both halves are closed. */
  close(reason: CloseReason = 'normal', timeoutMs = 5_000): void {
    this.#life.setDrainTimeout(timeoutMs)
    this.#life.send({ type: 'close.requested', reason })
  }

  /** Says bye with the reason and ends, without waiting for what is queued. */
  kick(reason: CloseReason): void {
    this.#life.send({ type: 'violated', reason })
  }

  /** Ends at once. */
  destroy(reason: CloseReason = 'normal'): void {
    this.#life.send({ type: 'destroy.requested', reason })
  }

  /** Called by the sweep. */
  sweep(nowMs: number): void {
    if (this.#life.isOverdue(nowMs) || this.phase !== 'open') return
    const verdict = this.#heartbeat.check(nowMs)
    if (verdict === 'dead') this.#life.send({ type: 'deadline' })
    else if (verdict === 'ping') this.sendAhead(controlPack(Kind.ping, this.#heartbeat.ping(nowMs)))
  }

  /** Called by a sweep that came late. */
  forgive(lateMs: number): void {
    this.#heartbeat.forgive(lateMs)
    this.#life.forgive(lateMs)
  }

  #control(pack: P2pPack): void {
    const { owner, clock } = this.#setup
    if (pack.kind === Kind.ping) this.sendAhead(controlPack(Kind.pong, pingEcho(pack)))
    else if (pack.kind === Kind.pong) this.#heartbeat.pong(pingEcho(pack), clock.mono())
    else if (pack.kind === Kind.bye || pack.kind === Kind.rejected) {
      this.#life.send({ type: 'bye.received', reason: readReason(pack) })
    } else if (this.wasOpen) owner.onControl(this, pack)
    else owner.onHandshake(this, pack)
  }

  #effects(): ConnEffects {
    const { owner } = this.#setup
    return {
      onChunk: (chunk) => this.#onChunk(chunk),
      onDrain: () => this.#queue.onDrain(),
      onLinkError: (error) => this.#notifier.failed(this, error),
      onPhase: (phase) => this.#onPhase(phase),
      onOpen: () => this.#onOpen(),
      onDraining: () => owner.onDraining(this),
      sendBye: (reason) => this.#sendBye(reason),
      dropUnsent: () => this.#dropUnsent(),
      onClosed: (reason) => this.#onClosed(reason),
      onCrash: this.#onFault,
    }
  }

  #onChunk(chunk: Uint8Array): void {
    this.#heartbeat.heard(this.#setup.clock.mono())
    this.stats.bytesIn += chunk.length
    this.#notifier.read(this, chunk.length)
    this.#reader.push(chunk)
  }

  #onPhase(phase: Phase): void {
    const { clock, owner } = this.#setup
    this.#reader.enter(phase)
    if (phase !== 'judging' && this.#reader.isHeld) clock.setImmediate(() => this.#reader.release())
    if (phase === 'greeting' && this.role === 'dialer') owner.onConnected(this)
  }

  #sendBye(reason: CloseReason): void {
    this.#maySend = false
    const kind = this.role === 'listener' && !this.wasOpen ? Kind.rejected : Kind.bye
    this.#queue.push(reasonPack(kind, reason))
  }

  /** The peer reads nothing more, or must not: what would be sent now would be lost. */
  #dropUnsent(): void {
    this.#maySend = false
    this.#queue.clear()
  }

  #onOpen(): void {
    this.wasOpen = true
    this.#maySend = true
    this.#setup.owner.onOpen(this)
    this.#notifier.opened(this)
  }

  #onClosed(reason: CloseReason): void {
    this.#dropUnsent()
    this.#reader.stop()
    this.#setup.sweep.delete(this)
    guard(() => this.#setup.owner.onClose(this, reason), this.#onFault)
    this.#notifier.closed(this, reason)
  }

  #onWrite(bytes: number): void {
    this.stats.bytesOut += bytes
    this.#heartbeat.spoke(this.#setup.clock.mono())
    this.#notifier.wrote(this, bytes)
  }

  /** A client that does not read is closed. Between nodes new work is refused to its sender; a reply never is. */
  #onQueueFull(isReply: boolean): SendResult {
    const isClient = this.linkClass === 'client' && this.role === 'listener'
    if (!isClient && !isReply) return 'full'
    this.#maySend = false
    const error = new ViolationError('write_queue_full', 'the peer does not read what it is sent')
    this.#setup.clock.setImmediate(() => this.#fail(error))
    return 'closed'
  }

  /** Whatever was thrown while input was handled ends this conn, and nothing else. */
  #fail(error: unknown): void {
    const shown = shownError(error)
    if (shown.code === 'ERR_CONN_FAULT') this.#setup.owner.onFault(this, error)
    if (this.phase !== 'closed') this.#notifier.failed(this, shown)
    this.#life.send({ type: 'violated', reason: reasonOf(error) })
  }
}
