// An independent decoder of plain msgpack, written from the specification alone: what our codec yields is
// compared with it. It trusts its input.

export function decodePlain(bytes: Uint8Array): unknown {
  const reader = new PlainReader(bytes)
  const value = reader.value()
  if (!reader.isDone) throw new Error('bytes left over')
  return value
}

class PlainReader {
  readonly #view: DataView
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get isDone(): boolean {
    return this.#at === this.#view.byteLength
  }

  value(): unknown {
    const type = this.#uint(1)
    if (type < 0x80) return type
    if (type < 0x90) return this.#map(type & 0x0f)
    if (type < 0xa0) return this.#array(type & 0x0f)
    if (type < 0xc0) return this.#string(type & 0x1f)
    if (type >= 0xe0) return type - 0x100
    switch (type) {
      case 0xc0:
        return null
      case 0xc2:
      case 0xc3:
        return type === 0xc3
      case 0xca:
        return this.#view.getFloat32(this.#skip(4))
      case 0xcb:
        return this.#view.getFloat64(this.#skip(8))
      case 0xcf:
        return exact(this.#view.getBigUint64(this.#skip(8)))
      case 0xd0:
        return this.#view.getInt8(this.#skip(1))
      case 0xd1:
        return this.#view.getInt16(this.#skip(2))
      case 0xd2:
        return this.#view.getInt32(this.#skip(4))
      case 0xd3:
        return exact(this.#view.getBigInt64(this.#skip(8)))
      default:
        return this.#sized(type)
    }
  }

  #sized(type: number): unknown {
    if (type >= 0xc4 && type <= 0xc6) return this.#bytes(this.#uint(1 << (type - 0xc4))).slice()
    if (type >= 0xcc && type <= 0xce) return this.#uint(1 << (type - 0xcc))
    if (type >= 0xd9 && type <= 0xdb) return this.#string(this.#uint(1 << (type - 0xd9)))
    if (type === 0xdc || type === 0xdd) return this.#array(this.#uint(type === 0xdc ? 2 : 4))
    if (type === 0xde || type === 0xdf) return this.#map(this.#uint(type === 0xde ? 2 : 4))
    if (type === 0xc7) this.#uint(1)
    this.#uint(1) // The ext code: only timestamps get here.
    if (type === 0xd6) return new Date(this.#uint(4) * 1000)
    if (type === 0xc7) return this.#timestamp96()
    const both = this.#view.getBigUint64(this.#skip(8))
    return new Date(Number(both & 0x3ffffffffn) * 1000 + Number(both >> 34n) / 1e6)
  }

  #timestamp96(): Date {
    const nanoseconds = this.#uint(4)
    return new Date(Number(this.#view.getBigInt64(this.#skip(8))) * 1000 + nanoseconds / 1e6)
  }

  #map(count: number): unknown {
    const map: Record<string, unknown> = {}
    for (let index = 0; index < count; index++) {
      const key = String(this.value())
      map[key] = this.value()
    }
    return map
  }

  #array(count: number): unknown {
    return Array.from({ length: count }, () => this.value())
  }

  #string(length: number): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.#bytes(length))
  }

  #bytes(length: number): Uint8Array {
    const at = this.#skip(length)
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + at, length)
  }

  #uint(size: number): number {
    let value = 0
    for (let at = this.#skip(size); at < this.#at; at++) value = value * 0x100 + this.#view.getUint8(at)
    return value
  }

  #skip(size: number): number {
    this.#at += size
    return this.#at - size
  }
}

/** A number where it is exact, a BigInt beyond. */
const exact = (value: bigint): number | bigint =>
  value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value
