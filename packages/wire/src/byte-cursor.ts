// Reads and writes the fixed binary payloads of control frames, big-endian. Reading past the end is a violation.
import { type EndId, endId } from './end.ts'
import { WireError } from './errors.ts'

/** Bytes of their own, of any chunk: `slice` would not copy those of a Node Buffer. */
export const copyBytes = (bytes: Uint8Array, from: number, to: number): Uint8Array =>
  new Uint8Array(bytes.subarray(from, to))

export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get left(): number {
    return this.#bytes.length - this.#at
  }

  /** An unsigned integer of 1 to 6 bytes. @throws WireError `ERR_WIRE_BAD_FRAME` */
  uint(size: number): number {
    const from = this.#skip(size)
    let value = 0
    for (let at = from; at < this.#at; at++) value = value * 0x100 + (this.#bytes[at] as number) // Not skipped past the end.
    return value
  }

  end(): EndId {
    return endId(this.uint(1), this.uint(2))
  }

  /** The next bytes, copied. @throws WireError `ERR_WIRE_BAD_FRAME` */
  bytes(size: number): Uint8Array {
    const from = this.#skip(size)
    return copyBytes(this.#bytes, from, this.#at)
  }

  /** Goes on; returns from where. */
  #skip(size: number): number {
    if (size > this.left) {
      throw new WireError('ERR_WIRE_BAD_FRAME', 'a control frame is shorter than its fields', {
        details: { missing: size - this.left },
      })
    }
    this.#at += size
    return this.#at - size
  }
}

export class ByteWriter {
  readonly #bytes: number[] = []

  uint(value: number, size: number): this {
    for (let shift = size - 1; shift >= 0; shift--)
      this.#bytes.push(Math.floor(value / 0x100 ** shift) % 0x100)
    return this
  }

  end(id: EndId): this {
    return this.uint(id, 3)
  }

  bytes(bytes: Uint8Array): this {
    for (const byte of bytes) this.#bytes.push(byte)
    return this
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }
}
