// Packs into frames, straight into the caller's batch buffer: nothing is allocated per frame. Called by the
// conn's write queue. The caller has made room: `frameSize` says how much.
import { FieldBytes, Flag, Frame, fieldFlags, Offset } from './constants.ts'
import type { EndId } from './end.ts'
import type { P2pPack, PackFields } from './p2p-pack.ts'

/** Below this, a byte loop is faster than a view and `set`. */
const copyByLoopMax = 40

/** Bytes of the whole frame that `encodeFrame` writes for a pack. */
export function frameSize(pack: P2pPack): number {
  return Frame.headerBytes + fieldsSize(pack) + pack.size
}

/** Writes a pack as one frame at `at`; returns where the frame ends. */
export function encodeFrame(pack: P2pPack, target: Uint8Array, at: number): number {
  const payloadOffset = Frame.headerBytes + fieldsSize(pack)
  const payloadAt = at + payloadOffset
  const end = payloadAt + pack.size
  putUint32(target, at, end - at - Frame.lengthBytes)
  target[at + Offset.magic] = Frame.magic
  target[at + Offset.kind] = pack.kind
  target[at + Offset.flags] = flagsOf(pack)
  target[at + Offset.payload] = payloadOffset
  putEnd(target, at + Offset.source, pack.source)
  target[at + Offset.hops] = pack.hops
  putEnd(target, at + Offset.destination, pack.destination)
  target[at + Offset.reserved] = 0
  putUint32(target, at + Offset.callTag, pack.callTag)
  putUint32(target, at + Offset.callSeq, pack.callSeq)
  if (payloadOffset !== Frame.headerBytes) putFields(pack, target, at + Offset.fields)
  putBytes(pack, target, payloadAt)
  return end
}

/** A pack as one frame of its own: for handshakes, tests and vectors. */
export function encodePack(pack: P2pPack): Uint8Array {
  const target = new Uint8Array(frameSize(pack))
  encodeFrame(pack, target, 0)
  return target
}

function fieldsSize(pack: P2pPack): number {
  const deadline = pack.deadlineMs === undefined ? 0 : FieldBytes.deadline
  return pack.fields === undefined ? deadline : deadline + optionalSize(pack.fields)
}

function optionalSize(fields: PackFields): number {
  const epoch = fields.epoch === undefined ? 0 : FieldBytes.epoch
  const sub = fields.sub === undefined ? 0 : FieldBytes.sub
  const trace = fields.trace === undefined ? 0 : FieldBytes.trace
  const unknown = fields.unknown === undefined ? 0 : fields.unknown.length
  return epoch + sub + trace + unknown
}

function flagsOf(pack: P2pPack): number {
  const kept = pack.flags & ~fieldFlags // From a client, and what only a newer peer knows.
  const deadline = pack.deadlineMs === undefined ? 0 : Flag.deadline
  if (pack.fields === undefined) return kept | deadline
  const epoch = pack.fields.epoch === undefined ? 0 : Flag.epoch
  const sub = pack.fields.sub === undefined ? 0 : Flag.sub
  const trace = pack.fields.trace === undefined ? 0 : Flag.trace
  return kept | deadline | epoch | sub | trace
}

function putFields(pack: P2pPack, target: Uint8Array, start: number): void {
  let at = start
  if (pack.deadlineMs !== undefined) at = putUint32(target, at, wholeMs(pack.deadlineMs))
  const fields = pack.fields
  if (fields?.epoch !== undefined) at = putUint48(target, at, fields.epoch)
  if (fields?.sub !== undefined) {
    at = putUint32(target, at, fields.sub.source)
    at = putUint32(target, at, fields.sub.destination)
  }
  if (fields?.trace !== undefined) {
    target.set(fields.trace, at)
    at += FieldBytes.trace
  }
  if (fields?.unknown !== undefined) target.set(fields.unknown, at)
}

/** What is left of a deadline as an u32: a spent one must not wrap into weeks. */
const wholeMs = (ms: number): number => Math.min(0xffffffff, Math.max(0, Math.ceil(ms)))

function putBytes(pack: P2pPack, target: Uint8Array, at: number): void {
  const { bytes, start, end } = pack
  if (end - start > copyByLoopMax) {
    target.set(bytes.subarray(start, end), at)
    return
  }
  for (let from = start, to = at; from < end; from++, to++) target[to] = bytes[from] as number // Within bounds.
}

function putEnd(target: Uint8Array, at: number, id: EndId): void {
  target[at] = id >>> 16
  target[at + 1] = (id >>> 8) & 0xff
  target[at + 2] = id & 0xff
}

function putUint32(target: Uint8Array, at: number, value: number): number {
  target[at] = (value >>> 24) & 0xff
  target[at + 1] = (value >>> 16) & 0xff
  target[at + 2] = (value >>> 8) & 0xff
  target[at + 3] = value & 0xff
  return at + 4
}

function putUint48(target: Uint8Array, at: number, value: number): number {
  target[at] = (value / 0x10000000000) & 0xff
  target[at + 1] = (value / 0x100000000) & 0xff
  return putUint32(target, at + 2, value >>> 0)
}
