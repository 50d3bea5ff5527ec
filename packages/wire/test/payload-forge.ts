// Makes payload bytes for fuzzing, seeded and fast: well-formed ones with a share of what is forbidden, and
// mutations of them. The codec under test has no part in making them.

/** A small seeded generator of numbers in [0, 1). */
export function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const scratch = new Uint8Array(16 * 1024)

export class PayloadForge {
  readonly #random: () => number
  #at = 0
  /** How often a value is one that the pre-scan refuses. */
  #hostileShare = 0

  constructor(seed: number) {
    this.#random = mulberry32(seed)
  }

  below(max: number): number {
    return Math.floor(this.#random() * max)
  }

  /** A payload that is msgpack; of its values, `hostileShare` are what the pre-scan refuses. */
  payload(hostileShare: number): Uint8Array {
    this.#at = 0
    this.#hostileShare = hostileShare
    this.#value(4)
    return scratch.slice(0, this.#at)
  }

  /** The payload with a few bytes changed, cut, doubled or dropped. */
  mutated(payload: Uint8Array): Uint8Array {
    const bytes = [...payload]
    for (let times = 1 + this.below(4); times > 0; times--) {
      const at = this.below(bytes.length + 1)
      const how = this.below(5)
      if (how < 2) bytes[Math.min(at, bytes.length - 1)] = this.#byte()
      else if (how === 2) bytes.splice(at, this.below(3))
      else if (how === 3) bytes.splice(at, 0, this.#byte())
      else bytes.splice(at, 0, ...bytes.slice(at, at + this.below(8)))
    }
    return Uint8Array.from(bytes)
  }

  /** Any bytes, with first bytes of values more often than chance has them. */
  noise(): Uint8Array {
    return Uint8Array.from({ length: this.below(24) }, () => this.#byte())
  }

  #byte(): number {
    return this.below(3) === 0 ? 0x80 + this.below(0x80) : this.below(256)
  }

  #value(depth: number): void {
    if (this.#hostileShare > 0 && this.#random() < this.#hostileShare) this.#hostile()
    else if (depth > 0 && this.below(3) === 0) this.#container(depth)
    else this.#scalar()
  }

  #container(depth: number): void {
    const isMap = this.below(2) === 0
    const count = this.below(6)
    const size = this.below(3)
    if (size === 0) this.#put((isMap ? 0x80 : 0x90) + count)
    else this.#put((isMap ? 0xdd : 0xdb) + size, ...uint(count, size * 2))
    for (let index = 0; index < count; index++) {
      if (isMap) this.#string()
      this.#value(depth - 1)
    }
  }

  #scalar(): void {
    const what = this.below(10)
    if (what < 3) this.#string()
    else if (what < 5) this.#put(this.below(2) === 0 ? this.below(0x80) : 0xe0 + this.below(0x20))
    else if (what === 5)
      this.#put([0xc0, 0xc2, 0xc3][this.below(3)] as number) // Below 3.
    else if (what === 6) this.#sized(0xc4, this.below(40))
    else if (what === 7) this.#timestamp()
    else this.#number()
  }

  #number(): void {
    const type = 0xca + this.below(10)
    const sizes = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]
    this.#put(type)
    this.#bytes(sizes[type - 0xca] as number) // One for each type.
  }

  #timestamp(): void {
    const form = this.below(3)
    if (form === 2) {
      // Nanoseconds below 1e9, and seconds that a Date can hold.
      const sign = this.below(2) === 0 ? 0x00 : 0xff
      this.#put(0xc7, 12, 0xff, this.below(0x3b), 0, this.below(256), 1, sign, sign, sign)
      this.#bytes(5)
      return
    }
    this.#put(form === 0 ? 0xd6 : 0xd7, 0xff)
    this.#bytes(form === 0 ? 4 : 8)
  }

  #string(): void {
    const length = this.below(this.below(20) === 0 ? 300 : 24)
    if (length < 0x20 && this.below(4) !== 0) this.#put(0xa0 + length)
    else this.#head(0xd9, length)
    for (let index = 0; index < length; index++) this.#put(0x20 + this.below(0x5f))
  }

  #sized(first: number, length: number): void {
    this.#head(first, length)
    this.#bytes(length)
  }

  /** A length in the smallest size or a larger one. */
  #head(first: number, length: number): void {
    const size = Math.max(this.below(3), length > 0xff ? 1 : 0)
    this.#put(first + size, ...uint(length, 1 << size))
  }

  #hostile(): void {
    const what = this.below(6)
    if (what === 0) this.#put(0xc1)
    else if (what === 1)
      this.#put(0xd4, [0x72, 0x73, 0x65, 0x78][this.below(4)] as number, this.below(256)) // Below 4.
    else if (what === 2)
      this.#put(0xd6, [0x62, 0x69, 0x70][this.below(3)] as number, 0, 0, 0, this.below(3)) // Below 3.
    else if (what === 3) this.#put(0x81, 0xa9, ...Buffer.from('__proto__'), 1)
    else if (what === 4) this.#put(0xdd, 0xff, 0xff, 0xff, this.below(256))
    else this.#sized(0xc7, 2 + this.below(20))
  }

  #bytes(count: number): void {
    for (let index = 0; index < count; index++) this.#put(this.below(256))
  }

  #put(...bytes: readonly number[]): void {
    for (const byte of bytes) if (this.#at < scratch.length) scratch[this.#at++] = byte
  }
}

const uint = (value: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => (value >>> (8 * (size - 1 - index))) & 0xff)
