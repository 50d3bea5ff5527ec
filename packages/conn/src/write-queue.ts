// The unsent bytes of one conn. Packs are encoded straight into a batch buffer; once per turn the batch goes to
// the link, control frames first; a batch that is full goes at once. Owned by one Conn.
import {
  type Clock,
  encodeFrame,
  Frame,
  frameSize,
  Kind,
  KindBit,
  type LinkClass,
  type P2pPack,
} from '@p2pnet/wire'
import { batchBytesMax, returnBatch, takeBatch } from './batch-pool.ts'
import type { Link } from './link.ts'
import type { ResolvedConnOptions } from './options.ts'

/** Unsent control frames that a peer may cause; one that lets more pile up does not read. */
const controlBytesMax = 64 * 1024

/** Bytes to write, from `at` on. `isPooled` ones go back to the pool when the link is done with them. */
interface Piece {
  bytes: Uint8Array
  readonly isPooled: boolean
  at: number
  end: number
}

export interface WriteQueueSetup {
  readonly link: Link
  readonly clock: Clock
  readonly options: Pick<ResolvedConnOptions, 'frameBytesMax' | 'writeQueueBytesMax'>
  readonly linkClass: LinkClass
  /** Bytes go to the link. */
  readonly onWrite: (bytes: number) => void
  /** Nothing is left or under way. */
  readonly onEmpty: () => unknown
}

export class WriteQueue {
  readonly #setup: WriteQueueSetup
  #frameBytesMax: number
  #isFlushDue = false
  #pieces: Piece[] = []
  #control: Piece | undefined
  /** The piece being filled, and what the last turn wrote, which says how large the next one should be. */
  #batch: Piece | undefined
  #lastTurnBytes = 0
  /** In the link's hands until it drains. */
  #lent: Piece | undefined
  #lentBytes = 0
  #queuedBytes = 0

  constructor(setup: WriteQueueSetup) {
    this.#setup = setup
    this.#frameBytesMax = setup.options.frameBytesMax
  }

  /** Bytes accepted that the link has not handed over yet. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  setFrameBytesMax(frameBytesMax: number): void {
    this.#frameBytesMax = frameBytesMax
  }

  /**
   * Queues a pack if there is room. Between nodes replies may use as much again, because refusing them loses work done,
   * and control frames may on every link.
   */
  offer(pack: P2pPack): 'sent' | 'full' | 'too_large' {
    const size = frameSize(pack)
    if (size - Frame.lengthBytes > this.#frameBytesMax) return 'too_large'
    const isReply = pack.kind === Kind.reply || pack.kind === Kind.fail
    const { options, linkClass } = this.#setup
    const isSpared = (pack.kind & KindBit.routed) === 0 || (isReply && linkClass === 'node')
    const bytesMax = options.writeQueueBytesMax * (isSpared ? 2 : 1)
    if (this.#queuedBytes + size > bytesMax) return 'full'
    this.push(pack, size)
    return 'sent'
  }

  /** Queues a pack, whether there is room or not. */
  push(pack: P2pPack, size = frameSize(pack)): void {
    this.#queuedBytes += size
    this.flushSoon()
    if (size > batchBytesMax) return this.#pushLarge(pack, size)
    const before = this.#batch
    const hasRoom = before !== undefined && before.end + size <= before.bytes.length
    const batch = hasRoom ? before : this.#openBatch(size)
    batch.end = encodeFrame(pack, batch.bytes, batch.end)
    // A full piece is a write of its own anyway: the peer may as well begin with it while this turn goes on. After the
    // pack is encoded, because whoever is told of the write may send.
    const isFull = !hasRoom && before?.bytes.length === batchBytesMax
    if (isFull && this.#lent === undefined) this.#writePieces()
  }

  /** Queues a frame ahead of all packs; false when too many are waiting. */
  pushControl(pack: P2pPack): boolean {
    const size = frameSize(pack)
    const waiting = this.#control
    const filled = waiting?.end ?? 0
    if (filled + size > controlBytesMax) return false
    const control = waiting ?? { bytes: takeBatch(size), isPooled: true, at: 0, end: 0 }
    if (filled + size > control.bytes.length) {
      const larger = takeBatch(filled + size)
      larger.set(control.bytes.subarray(0, filled))
      returnBatch(control.bytes)
      control.bytes = larger
    }
    control.end = encodeFrame(pack, control.bytes, filled)
    this.#control = control
    this.#queuedBytes += size
    this.flushSoon()
    return true
  }

  /** At the end of this turn: one write then carries all that the turn has queued. */
  flushSoon(): void {
    if (this.#isFlushDue || this.#lent !== undefined) return
    this.#isFlushDue = true
    this.#setup.clock.setImmediate(this.#flush)
  }

  /** The link has handed over what it was given. */
  onDrain(): void {
    this.#takeBack()
    this.#flush()
  }

  /** Forgets what the link was not given yet; returns how many bytes that were. */
  clear(): number {
    // A frame that has begun must end, or the next one could not be read: only whole frames are dropped.
    const begun = this.#pieces.find((piece) => piece.at > 0)
    const kept =
      (this.#lent === undefined ? 0 : this.#lentBytes) + (begun === undefined ? 0 : begun.end - begun.at)
    const dropped = this.#queuedBytes - kept
    this.#queuedBytes = kept
    this.#pieces = begun === undefined ? [] : [begun]
    this.#batch = undefined
    this.#control = undefined
    return dropped
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false
    if (this.#lent !== undefined) return
    this.#closeBatch()
    if (!this.#writePieces()) return
    // Whoever was told of a write may have queued more.
    if (this.#batch === undefined) this.#setup.onEmpty()
    else this.flushSoon()
  }

  /** Gives the link all that is ready, as long as it takes it at once; false when it is busy. */
  #writePieces(): boolean {
    for (let piece = this.#nextPiece(); piece !== undefined; piece = this.#nextPiece()) {
      const to = Math.min(piece.end, piece.at + batchBytesMax)
      const bytes = piece.bytes.subarray(piece.at, to)
      piece.at = to
      this.#lent = piece
      this.#lentBytes = bytes.length
      this.#setup.onWrite(bytes.length)
      if (!this.#setup.link.write(bytes)) return false
      this.#takeBack()
    }
    return true
  }

  #takeBack(): void {
    const lent = this.#lent
    if (lent === undefined) return
    this.#lent = undefined
    this.#queuedBytes -= this.#lentBytes
    if (lent.at === lent.end && lent.isPooled) returnBatch(lent.bytes)
  }

  #pushLarge(pack: P2pPack, size: number): void {
    this.#closeBatch()
    const bytes = Buffer.allocUnsafeSlow(size)
    encodeFrame(pack, bytes, 0)
    this.#pieces.push({ bytes, isPooled: false, at: 0, end: size })
  }

  #openBatch(size: number): Piece {
    // A batch that was too small says that this turn is a busy one.
    const wanted = this.#batch === undefined ? Math.max(size, this.#lastTurnBytes) : batchBytesMax
    this.#closeBatch()
    this.#batch = { bytes: takeBatch(wanted), isPooled: true, at: 0, end: 0 }
    return this.#batch
  }

  #closeBatch(): void {
    if (this.#batch === undefined) return
    this.#lastTurnBytes = this.#batch.end
    this.#pieces.push(this.#batch)
    this.#batch = undefined
  }

  /** Control frames go first, but not into the middle of a large frame. */
  #nextPiece(): Piece | undefined {
    const first = this.#pieces[0]
    if (this.#control !== undefined && (first === undefined || first.at === 0)) {
      const control = this.#control
      this.#control = undefined
      return control
    }
    if (first !== undefined && first.end - first.at <= batchBytesMax) this.#pieces.shift()
    return first
  }
}
