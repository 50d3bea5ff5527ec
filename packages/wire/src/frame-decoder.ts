// Chunks into packs: incremental, synchronous, without I/O. A frame that lies whole in one chunk is not copied;
// an unfinished one is gathered in pieces, so that no length is believed before its bytes have come.
// Called by the conn: push a chunk, take packs with `next` until it has none.
import { copyBytes } from './byte-cursor.ts'
import { FieldBytes, Flag, Frame, fieldFlags, type Kind, KindBit, Offset } from './constants.ts'
import { type EndId, endId } from './end.ts'
import { WireError } from './errors.ts'
import { P2pPack, type PackFields } from './p2p-pack.ts'
import { UnfinishedFrame } from './unfinished-frame.ts'

const noBytes = new Uint8Array(0)

export interface FrameLimits {
  /** Largest value of a frame's length field. */
  readonly frameBytesMax: number
}

export class FrameDecoder {
  #lengthMax: number
  #chunk: Uint8Array = noBytes
  #at = 0
  readonly #unfinished = new UnfinishedFrame()

  constructor(limits: FrameLimits) {
    this.#lengthMax = limits.frameBytesMax
  }

  /** Bytes of the frame that has begun and not ended; what a stalled peer holds of our memory. */
  get unfinishedBytes(): number {
    return this.#unfinished.size
  }

  /** The limit rises when a conn opens. It holds from the next frame on. */
  setFrameBytesMax(frameBytesMax: number): void {
    this.#lengthMax = frameBytesMax
  }

  /** Takes a chunk. All packs of the one before must have been taken. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#at = 0
  }

  /**
   * The next pack, or undefined when the rest of the chunk is no whole frame.
   *
   * @throws WireError `ERR_WIRE_BAD_VERSION`, `ERR_WIRE_BAD_LENGTH`, `ERR_WIRE_FRAME_TOO_LARGE`,
   * `ERR_WIRE_BAD_HEADER`: the stream is broken for good.
   */
  next(): P2pPack | undefined {
    if (this.#unfinished.size > 0) return this.#finish()
    const chunk = this.#chunk
    const at = this.#at
    const available = chunk.length - at
    if (available < Frame.headerBytes) return this.#keepRest(at, available)
    checkHead(chunk, at, available, this.#lengthMax)
    const end = at + lengthAt(chunk, at) + Frame.lengthBytes
    if (end > chunk.length) return this.#keepRest(at, available)
    this.#at = end
    return readPack(chunk, at, end)
  }

  #keepRest(at: number, available: number): undefined {
    if (available > 0) {
      checkHead(this.#chunk, at, available, this.#lengthMax)
      this.#unfinished.add(this.#chunk, at, this.#chunk.length)
    }
    this.#chunk = noBytes
    this.#at = 0
  }

  /** Adds to the unfinished frame what the chunk has of it: first the header, then as much as the header says. */
  #finish(): P2pPack | undefined {
    while (this.#at < this.#chunk.length) {
      const unfinished = this.#unfinished
      const wanted = unfinished.size < Frame.headerBytes ? Frame.headerBytes : frameBytes(unfinished.head)
      const to = Math.min(this.#chunk.length, this.#at + wanted - unfinished.size)
      unfinished.add(this.#chunk, this.#at, to)
      this.#at = to
      if (unfinished.size <= Frame.headerBytes)
        checkHead(unfinished.head, 0, unfinished.size, this.#lengthMax)
      if (unfinished.size >= Frame.headerBytes && unfinished.size === frameBytes(unfinished.head)) {
        const whole = unfinished.take()
        return readPack(whole, 0, whole.length)
      }
    }
    this.#chunk = noBytes
    this.#at = 0
    return undefined
  }
}

const frameBytes = (head: Uint8Array): number => lengthAt(head, 0) + Frame.lengthBytes

/** Checks as much of a header as there is, so that foreign bytes fail at the first one that is wrong. */
function checkHead(bytes: Uint8Array, at: number, available: number, lengthMax: number): void {
  if (bytes[at] !== 0) {
    throw new WireError('ERR_WIRE_BAD_LENGTH', 'the first byte of a frame is not 0: this is no P2pNet peer', {
      details: { firstByte: bytes[at] },
    })
  }
  if (available < Frame.lengthBytes) return
  const length = lengthAt(bytes, at)
  if (length < Frame.lengthMin) {
    throw new WireError('ERR_WIRE_BAD_LENGTH', `frame length ${length} is below ${Frame.lengthMin}`, {
      details: { length, min: Frame.lengthMin },
    })
  }
  if (length > lengthMax) {
    throw new WireError(
      'ERR_WIRE_FRAME_TOO_LARGE',
      `frame length ${length} is over the limit of ${lengthMax}`,
      {
        details: { length, max: lengthMax },
      },
    )
  }
  if (available > Offset.magic && bytes[at + Offset.magic] !== Frame.magic) {
    throw new WireError('ERR_WIRE_BAD_VERSION', 'the magic and version byte is unknown', {
      details: { byte: bytes[at + Offset.magic], expected: Frame.magic },
    })
  }
  if (available >= Frame.headerBytes) checkRest(bytes, at, length + Frame.lengthBytes)
}

/** Checks of a whole header what stands behind the magic. */
function checkRest(bytes: Uint8Array, at: number, frameBytes: number): void {
  const kind = bytes[at + Offset.kind] as number // Within the header, as the others.
  const flags = bytes[at + Offset.flags] as number
  const payloadOffset = bytes[at + Offset.payload] as number
  const ignorable = (kind & KindBit.ignorable) !== 0
  if (payloadOffset < Offset.fields + fieldsSize(flags) || payloadOffset > frameBytes) {
    throw new WireError('ERR_WIRE_BAD_HEADER', 'the payload offset does not fit the fields and the frame')
  }
  if (bytes[at + Offset.reserved] !== 0 && !ignorable) {
    throw new WireError('ERR_WIRE_BAD_HEADER', 'the reserved byte is not 0')
  }
  if (flags !== 0 && (kind & KindBit.routed) === 0 && !ignorable) {
    throw new WireError('ERR_WIRE_BAD_HEADER', 'a control frame has flags', { details: { flags } })
  }
}

function readPack(bytes: Uint8Array, at: number, end: number): P2pPack {
  const pack = new P2pPack(bytes[at + Offset.kind] as Kind) // Unknown kinds are refused by the conn's frame rules.
  const flags = bytes[at + Offset.flags] as number // The header was checked to be there.
  pack.flags = flags
  pack.source = endAt(bytes, at + Offset.source)
  pack.hops = bytes[at + Offset.hops] as number
  pack.destination = endAt(bytes, at + Offset.destination)
  pack.callTag = uint32At(bytes, at + Offset.callTag)
  pack.callSeq = uint32At(bytes, at + Offset.callSeq)
  pack.bytes = bytes
  pack.start = at + (bytes[at + Offset.payload] as number)
  pack.end = end
  if ((flags & Flag.deadline) !== 0) pack.deadlineMs = uint32At(bytes, at + Offset.fields)
  if ((flags & fieldFlags & ~Flag.deadline) !== 0 || pack.start > at + Offset.fields + fieldsSize(flags))
    pack.fields = readFields(pack, at)
  return pack
}

function fieldsSize(flags: number): number {
  if ((flags & fieldFlags) === 0) return 0
  return (
    ((flags & Flag.deadline) === 0 ? 0 : FieldBytes.deadline) +
    ((flags & Flag.epoch) === 0 ? 0 : FieldBytes.epoch) +
    ((flags & Flag.sub) === 0 ? 0 : FieldBytes.sub) +
    ((flags & Flag.trace) === 0 ? 0 : FieldBytes.trace)
  )
}

function readFields({ bytes, flags, start }: P2pPack, frameAt: number): PackFields {
  const fields: { -readonly [K in keyof PackFields]: PackFields[K] } = {}
  let at = frameAt + Offset.fields + ((flags & Flag.deadline) === 0 ? 0 : FieldBytes.deadline)
  if ((flags & Flag.epoch) !== 0) {
    fields.epoch =
      ((bytes[at] as number) * 0x100 + (bytes[at + 1] as number)) * 0x100000000 + uint32At(bytes, at + 2)
    at += FieldBytes.epoch
  }
  if ((flags & Flag.sub) !== 0) {
    fields.sub = { source: uint32At(bytes, at), destination: uint32At(bytes, at + 4) }
    at += FieldBytes.sub
  }
  if ((flags & Flag.trace) !== 0) {
    fields.trace = copyBytes(bytes, at, at + FieldBytes.trace)
    at += FieldBytes.trace
  }
  if (at < start) fields.unknown = copyBytes(bytes, at, start)
  return fields
}

// The indexes below are within the frame: its header was checked, and so were its fields.
const lengthAt = uint32At

function uint32At(bytes: Uint8Array, at: number): number {
  const high = (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) >>> 0
  return high * 0x10000 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
}

function endAt(bytes: Uint8Array, at: number): EndId {
  return endId(bytes[at] as number, ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number))
}
