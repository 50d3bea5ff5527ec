// Frames and values as plain JSON, the form of docs/wire-vectors.json, and back. Ends are written `2:7`; what
// JSON lacks is tagged: {"$bytes"}, {"$date"}, {"$int"}, {"$float"}, {"$undefined"}.
import { Flag, Kind, type KindName } from '../src/constants.ts'
import {
  announcePack,
  type Fail,
  failPayload,
  rangesPack,
  readAnnounce,
  readFail,
  readRanges,
} from '../src/control-frames.ts'
import { type EndId, endId, formatEnd } from '../src/end.ts'
import {
  challengePack,
  controlPack,
  helloPack,
  provePack,
  readChallenge,
  readHello,
  readReason,
  readRegistered,
  reasonPack,
  registeredPack,
} from '../src/handshake-frames.ts'
import type { P2pPack, PackFields } from '../src/p2p-pack.ts'
import { decodePayload, encodePayload } from '../src/payload.ts'
import { hex, unhex } from './bytes.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** All of a frame, for people and for tests in other languages. */
export interface FrameFacts {
  readonly kind: string
  readonly source?: string
  readonly hops?: number
  readonly destination?: string
  readonly callTag?: number
  readonly callSeq?: number
  /** Flags that announce no field: 0x10, and those that only a newer peer knows. */
  readonly flags?: number
  readonly deadlineMs?: number
  readonly epoch?: number
  readonly sub?: { readonly source: number; readonly destination: number }
  readonly trace?: string
  readonly unknownFields?: string
  /** What the payload says; absent where a kind has none. */
  readonly body?: Json
}

const nodeLimits = { depthMax: 32, nodesMax: 50_000, keysMax: 2000 }

export function packOf(facts: FrameFacts): P2pPack {
  const pack = packWithBody(facts)
  pack.flags = facts.flags ?? 0
  pack.source = endNamed(facts.source ?? '0:0')
  pack.destination = endNamed(facts.destination ?? '0:0')
  pack.hops = facts.hops ?? 0
  pack.callTag = facts.callTag ?? 0
  pack.callSeq = facts.callSeq ?? 0
  pack.deadlineMs = facts.deadlineMs
  const fields: { -readonly [K in keyof PackFields]: PackFields[K] } = {}
  if (facts.epoch !== undefined) fields.epoch = facts.epoch
  if (facts.sub !== undefined) fields.sub = facts.sub
  if (facts.trace !== undefined) fields.trace = unhex(facts.trace)
  if (facts.unknownFields !== undefined) fields.unknown = unhex(facts.unknownFields)
  if (Object.keys(fields).length > 0) pack.fields = fields
  return pack
}

export function factsOf(pack: P2pPack): FrameFacts {
  const { fields, deadlineMs } = pack
  const body = bodyOf(pack)
  return {
    kind: kindNames.get(pack.kind) ?? `0x${pack.kind.toString(16)}`,
    source: formatEnd(pack.source),
    hops: pack.hops,
    destination: formatEnd(pack.destination),
    callTag: pack.callTag,
    callSeq: pack.callSeq,
    flags: pack.flags & ~(Flag.deadline | Flag.epoch | Flag.sub | Flag.trace),
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
    ...(fields?.epoch === undefined ? {} : { epoch: fields.epoch }),
    ...(fields?.sub === undefined ? {} : { sub: fields.sub }),
    ...(fields?.trace === undefined ? {} : { trace: hex(fields.trace) }),
    ...(fields?.unknown === undefined ? {} : { unknownFields: hex(fields.unknown) }),
    ...(body === undefined ? {} : { body }),
  }
}

/** A decoded value or body as JSON. */
export function toJson(value: unknown, key = ''): Json {
  if (value === undefined) return { $undefined: true }
  if ((key === 'end' || key === 'origin') && typeof value === 'number') return formatEnd(value as EndId) // Bodies name them so.
  if (typeof value === 'bigint') return { $int: value.toString() }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return { $float: Object.is(value, -0) ? '-0' : String(value) }
  }
  if (value instanceof Uint8Array) return { $bytes: hex(value) }
  if (value instanceof Date) return { $date: value.toISOString() }
  if (Array.isArray(value)) return value.map((inner) => toJson(inner))
  if (typeof value !== 'object' || value === null) return value as Json // Scalars are left.
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, toJson(inner, name)]))
}

/** The value that JSON stands for. */
export function fromJson(json: unknown, key = ''): unknown {
  if ((key === 'end' || key === 'origin') && typeof json === 'string') return endNamed(json)
  if (Array.isArray(json)) return json.map((inner) => fromJson(inner))
  if (typeof json !== 'object' || json === null) return json
  const [[tag, text] = ['', ''], ...others] = Object.entries(json)
  if (others.length === 0) {
    if (tag === '$undefined') return undefined
    if (tag === '$int') return BigInt(text)
    if (tag === '$float') return Number(text)
    if (tag === '$bytes') return unhex(text)
    if (tag === '$date') return new Date(text)
  }
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, fromJson(inner, name)]))
}

function packWithBody({ kind, body }: FrameFacts): P2pPack {
  const number = Kind[kind as KindName] ?? Number(kind) // Known by name, others by number.
  const value = fromJson(body) as never // Each kind's own type; a wrong one fails the test.
  switch (number) {
    case Kind.hello:
      return helloPack(value)
    case Kind.challenge:
      return challengePack(value)
    case Kind.prove:
      return provePack(value)
    case Kind.registered:
      return registeredPack(value)
    case Kind.rejected:
    case Kind.bye:
      return reasonPack(number, value)
    case Kind.announce:
      return announcePack(value)
    case Kind.withdraw:
    case Kind.refuse:
      return rangesPack(number, value)
    case Kind.fail:
      return controlPack(number, failPayload(failOf(value)))
    case Kind.tell:
    case Kind.ask:
    case Kind.reply:
      return controlPack(number, encodePayload(value))
    default:
      return controlPack(number, value ?? new Uint8Array(0))
  }
}

function bodyOf(pack: P2pPack): Json | undefined {
  switch (pack.kind) {
    case Kind.hello:
      return toJson(readHello(pack))
    case Kind.challenge:
      return toJson(readChallenge(pack))
    case Kind.registered:
      return toJson(readRegistered(pack))
    case Kind.rejected:
    case Kind.bye:
      return toJson(readReason(pack))
    case Kind.announce:
      return toJson(readAnnounce(pack))
    case Kind.withdraw:
    case Kind.refuse:
      return toJson(readRanges(pack))
    case Kind.fail:
      return toJson(valueOfFail(readFail(pack)))
    case Kind.tell:
    case Kind.ask:
    case Kind.reply:
      return toJson(decodePayload(pack, nodeLimits))
    default:
      return pack.kind === Kind.prove || pack.size > 0 ? toJson(pack.payload) : undefined
  }
}

/** A fail's details as a value; absent when it has none. */
type FailValue = Omit<Fail, 'details'> & { readonly details?: unknown }

const failOf = (value: FailValue): Fail => ({ ...value, details: encodePayload(value.details) })

function valueOfFail({ details, ...fail }: Fail): FailValue {
  const value = decodePayload({ bytes: details, start: 0, end: details.length }, nodeLimits)
  return value === undefined ? fail : { ...fail, details: value }
}

// Object.entries forgets that the numbers are kinds.
const kindNames = new Map(Object.entries(Kind).map(([name, number]) => [number as number, name]))

function endNamed(text: string): EndId {
  const [endType = 0, endNo = 0] = text.split(':').map(Number)
  return endId(endType, endNo)
}
