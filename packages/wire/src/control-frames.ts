// The payloads of the control frames of an open conn, and of `fail`. docs/wire.md, Open.
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import {
  announceEntryBytes,
  announceLast,
  type FailCode,
  FailCode as failCodes,
  Kind,
  rangeBytes,
} from './constants.ts'
import type { EndId } from './end.ts'
import { WireError } from './errors.ts'
import { controlPack } from './handshake-frames.ts'
import type { P2pPack } from './p2p-pack.ts'

/** Ends `type:lo` to `type:hi`, both included. */
export interface EndRange {
  readonly endType: number
  readonly lo: number
  readonly hi: number
}

/** Ends that are reached through the announcing node. */
export interface AnnouncedRange extends EndRange {
  /** The node that hosts them. */
  readonly origin: EndId
  readonly epoch: number
  readonly hops: number
}

export interface Announce {
  /** The first run of announces ends with this one. */
  readonly isLast: boolean
  readonly ranges: readonly AnnouncedRange[]
}

export function announcePack({ isLast, ranges }: Announce): P2pPack {
  const writer = new ByteWriter().uint(isLast ? announceLast : 0, 1)
  for (const range of ranges) {
    putRange(writer, range).end(range.origin).uint(range.epoch, 6).uint(range.hops, 1)
  }
  return controlPack(Kind.announce, writer.done())
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readAnnounce(pack: P2pPack): Announce {
  const reader = new ByteReader(pack.payload)
  const isLast = (reader.uint(1) & announceLast) !== 0
  const ranges: AnnouncedRange[] = []
  while (reader.left >= announceEntryBytes) {
    // Written out: a spread would cost ten times as much as all the reading.
    const { endType, lo, hi } = readRange(reader)
    ranges.push({ endType, lo, hi, origin: reader.end(), epoch: reader.uint(6), hops: reader.uint(1) })
  }
  requireEnd(reader)
  return { isLast, ranges }
}

/** A `withdraw`: these ends are gone; or a `refuse`: they are held by somebody else. */
export function rangesPack(
  kind: typeof Kind.withdraw | typeof Kind.refuse,
  ranges: readonly EndRange[],
): P2pPack {
  const writer = new ByteWriter()
  for (const range of ranges) putRange(writer, range)
  return controlPack(kind, writer.done())
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readRanges(pack: P2pPack): readonly EndRange[] {
  const reader = new ByteReader(pack.payload)
  const ranges: EndRange[] = []
  while (reader.left >= rangeBytes) ranges.push(readRange(reader))
  requireEnd(reader)
  return ranges
}

/** Why an ask failed, as the asker is told. */
export interface Fail {
  readonly code: FailCode
  readonly mayHaveRun: boolean
  /** Words for people, at most 512 bytes of UTF-8. */
  readonly message: string
  /** Facts for programs, as payload bytes; empty for none. */
  readonly details: Uint8Array
}

const failMessageBytesMax = 512

/** The payload of a `fail`: code, mayHaveRun, length and bytes of the message, details. Too long a message is cut. */
export function failPayload(fail: Fail): Uint8Array {
  const message = cutText(new TextEncoder().encode(fail.message), failMessageBytesMax)
  const head = new ByteWriter().uint(failCodes[fail.code], 1).uint(fail.mayHaveRun ? 1 : 0, 1)
  return head.uint(message.length, 2).bytes(message).bytes(fail.details).done()
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readFail(pack: P2pPack): Fail {
  const reader = new ByteReader(pack.payload)
  const number = reader.uint(1)
  const mayHaveRun = reader.uint(1) !== 0
  const messageBytes = reader.uint(2)
  if (messageBytes > failMessageBytesMax) {
    throw new WireError('ERR_WIRE_BAD_FRAME', 'the message of a fail is too long', {
      details: { messageBytes },
    })
  }
  const message = new TextDecoder().decode(reader.bytes(messageBytes))
  // A code from a newer peer: all we know is that it failed.
  return {
    code: failByNumber.get(number) ?? 'ERR_ASK_ABORTED',
    mayHaveRun,
    message,
    details: reader.bytes(reader.left),
  }
}

// Object.entries forgets that the keys are the codes.
const failByNumber = new Map(
  Object.entries(failCodes).map(([code, number]) => [number as number, code as FailCode]),
)

/** UTF-8 of at most so many bytes, cut between characters. */
function cutText(utf8: Uint8Array, bytesMax: number): Uint8Array {
  let end = Math.min(utf8.length, bytesMax)
  while (isInsideCharacter(utf8[end])) end--
  return utf8.subarray(0, end)
}

const isInsideCharacter = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80

const putRange = (writer: ByteWriter, range: EndRange): ByteWriter =>
  writer.uint(range.endType, 1).uint(range.lo, 2).uint(range.hi, 2)

function readRange(reader: ByteReader): EndRange {
  const range = { endType: reader.uint(1), lo: reader.uint(2), hi: reader.uint(2) }
  if (range.lo <= range.hi) return range
  throw new WireError('ERR_WIRE_BAD_FRAME', 'a range of ends is upside down', { details: range })
}

function requireEnd(reader: ByteReader): void {
  if (reader.left > 0) throw new WireError('ERR_WIRE_BAD_FRAME', 'a control frame has bytes left over')
}
