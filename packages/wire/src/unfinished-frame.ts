// The frame whose end has not come yet. Large pieces are kept as they came, small ones are gathered in blocks,
// and all is joined once, so that a large frame in small chunks costs linear time and no more memory than
// was received plus one block. Owned by one FrameDecoder.
import { Frame } from './constants.ts'

const blockBytesMin = 256
const blockBytesMax = 16 * 1024

export class UnfinishedFrame {
  /** The first bytes once more, so that the header can be read without joining. */
  readonly head = new Uint8Array(Frame.headerBytes)
  #pieces: Uint8Array[] = []
  #size = 0
  /** The block being filled: the last piece is its filled part. */
  #block: Uint8Array | undefined
  #filled = 0

  get size(): number {
    return this.#size
  }

  add(chunk: Uint8Array, from: number, to: number): void {
    for (let at = from; this.#size + at - from < Frame.headerBytes && at < to; at++) {
      this.head[this.#size + at - from] = chunk[at] as number // Below `to`, so within the chunk.
    }
    this.#size += to - from
    // A view of at least half its buffer pins little; anything smaller is copied.
    if ((to - from) * 2 >= chunk.buffer.byteLength && to - from >= blockBytesMin) {
      this.#closeBlock()
      this.#pieces.push(chunk.subarray(from, to))
    } else this.#gather(chunk, from, to)
  }

  /** The whole frame in bytes of its own; afterwards this is empty again. */
  take(): Uint8Array {
    this.#closeBlock()
    const whole = new Uint8Array(this.#size)
    let at = 0
    for (const piece of this.#pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    this.#pieces = []
    this.#size = 0
    return whole
  }

  #gather(chunk: Uint8Array, from: number, to: number): void {
    let at = from
    while (at < to) {
      // Blocks grow with what has come, never with what the length field promises.
      this.#block ??= new Uint8Array(blockSize(this.#size))
      const block = this.#block
      const count = Math.min(to - at, block.length - this.#filled)
      block.set(chunk.subarray(at, at + count), this.#filled)
      this.#filled += count
      at += count
      if (this.#filled === block.length) this.#closeBlock()
    }
  }

  #closeBlock(): void {
    if (this.#block === undefined) return
    this.#pieces.push(this.#block.subarray(0, this.#filled))
    this.#block = undefined
    this.#filled = 0
  }
}

const blockSize = (received: number): number => Math.min(blockBytesMax, Math.max(blockBytesMin, received))
