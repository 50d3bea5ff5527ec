// The raw loop's half of a socket, tuned by hand: u32 length and payload, one batch buffer and one write per turn,
// frames decoded in place. An object is a msgpackr map, 32 bytes travel as they are. No limits, no checks, no
// errors: what no runtime can beat, and nobody should ship.
import type { Socket } from 'node:net'
import { Packr } from 'msgpackr'
import type { Payload } from './cells.ts'
import { type Message, uint32At } from './messages.ts'

const lengthBytes = 4
const batchBytes = 256 * 1024
/** No message of the bench is larger. */
const messageBytesMax = 1024
/** msgpackr's REUSE_BUFFER_MODE: it returns its whole buffer, with `start` and `end` set on it. */
const wholeBuffer = 512

export class RawChannel {
  readonly #socket: Socket
  readonly #onMessage: (message: Message) => void
  readonly #codec = new Packr({ useRecords: false })
  readonly #window = { start: 0, end: 0 }
  #isBinary = false
  #batch = Buffer.allocUnsafeSlow(batchBytes)
  #end = 0
  #isFlushDue = false
  /** A frame that the last chunk began. */
  readonly #begun = Buffer.allocUnsafeSlow(messageBytesMax)
  #begunBytes = 0

  constructor(socket: Socket, onMessage: (message: Message) => void) {
    this.#socket = socket
    this.#onMessage = onMessage
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
  }

  expect(payload: Payload): void {
    this.#isBinary = payload === 'binary'
  }

  send(message: Message): void {
    if (this.#end + messageBytesMax > batchBytes) this.#write()
    if (this.#isBinary) {
      const bytes = message as Uint8Array // What `expect` has said.
      this.#put(bytes, 0, bytes.length)
    } else {
      // What wholeBuffer asks for.
      const bytes = this.#codec.pack(message, wholeBuffer) as Buffer & { start: number; end: number }
      this.#put(bytes, bytes.start, bytes.end)
    }
    if (this.#isFlushDue) return
    this.#isFlushDue = true
    setImmediate(this.#flush)
  }

  #put(bytes: Uint8Array, start: number, end: number): void {
    const batch = this.#batch
    const length = end - start
    let at = this.#end
    batch[at] = length >>> 24
    batch[at + 1] = length >>> 16
    batch[at + 2] = length >>> 8
    batch[at + 3] = length
    at += lengthBytes
    for (let from = start; from < end; from++, at++) batch[at] = bytes[from] as number // Within its bounds.
    this.#end = at
  }

  readonly #flush = (): void => {
    this.#isFlushDue = false
    this.#write()
  }

  #write(): void {
    if (this.#end === 0) return
    this.#socket.write(this.#batch.subarray(0, this.#end))
    this.#end = 0
    // The system has taken it all, so the buffer is free again; else the socket still reads from it.
    if (this.#socket.writableLength > 0) this.#batch = Buffer.allocUnsafeSlow(batchBytes)
  }

  #read(chunk: Buffer): void {
    let at = this.#begunBytes > 0 ? this.#finish(chunk) : 0
    while (at + lengthBytes <= chunk.length) {
      const end = at + lengthBytes + uint32At(chunk, at)
      if (end > chunk.length) break
      this.#take(chunk, at + lengthBytes, end)
      at = end
    }
    if (at < chunk.length) this.#begunBytes += chunk.copy(this.#begun, this.#begunBytes, at)
  }

  /** Completes the frame that has begun; returns where the next one starts. */
  #finish(chunk: Buffer): number {
    const begun = this.#begun
    let at = 0
    while (at < chunk.length) {
      const isLengthKnown = this.#begunBytes >= lengthBytes
      const wanted = isLengthKnown ? lengthBytes + uint32At(begun, 0) : lengthBytes
      const copied = chunk.copy(begun, this.#begunBytes, at, at + wanted - this.#begunBytes)
      this.#begunBytes += copied
      at += copied
      if (!isLengthKnown || this.#begunBytes < wanted) continue
      this.#begunBytes = 0
      this.#take(begun, lengthBytes, wanted)
      break
    }
    return at
  }

  #take(bytes: Buffer, start: number, end: number): void {
    if (this.#isBinary) return this.#onMessage(bytes.subarray(start, end))
    this.#window.start = start
    this.#window.end = end
    this.#onMessage(this.#codec.unpack(bytes, this.#window) as Message) // The peer is the bench itself.
  }
}
