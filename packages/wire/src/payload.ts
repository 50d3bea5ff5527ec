// Payload bytes into values and back: plain msgpack, through msgpackr behind our own pre-scan. A payload is
// decoded at its destination only; the empty payload is the value `undefined`.
// Called by whoever sends, and by the actor's cell just before its behaviour runs.
import type { Packr } from 'msgpackr'
import { Packr as PlainPackr } from 'msgpackr/pack'
import { copyBytes } from './byte-cursor.ts'
import { messageOf, WireError } from './errors.ts'
import { type PayloadBytes, type PayloadLimits, scanPayload } from './payload-scan.ts'

const codecOptions = {
  useRecords: false,
  structuredClone: false,
  encodeUndefinedAsNil: true,
  copyBuffers: true,
  int64AsType: 'auto',
  useToJSON: true,
  writeFunction: () => {
    throw new TypeError('a function cannot travel')
  },
  onInvalidDate: () => {
    throw new TypeError('an invalid date cannot travel')
  },
}

/**
 * The entry without msgpackr's native string reader: foreign bytes meet no native code, and small payloads decode
 * 15% faster. Its type declarations are broken, but it is the same class.
 */
const JsPackr = PlainPackr as unknown as typeof Packr

let metView = false

/**
 * msgpackr writes an Int32Array as a binary of its size but fills only a quarter of it: the rest is old memory. It
 * asks for `moreTypes` whenever it meets a view (or a Set, an Error, ...), so only such values are walked. An
 * accessor of the class, because one on the object itself makes every access to the codec slow.
 */
class ViewWatchingPackr extends JsPackr {
  get moreTypes(): boolean {
    metView = true
    return false
  }
}

// msgpackr's types do not know 'auto', its code does: numbers where they are exact, BigInt beyond.
const codec = new ViewWatchingPackr(codecOptions as object)

/** msgpackr's REUSE_BUFFER_MODE: `pack` returns its whole buffer, with `start` and `end` set on it. */
const wholeBuffer = 512
/** A larger buffer than this is given back after the value that needed it. */
const bufferBytesMax = 256 * 1024
const bufferBytes = 8 * 1024

/** Where a payload is put. A pack is one. */
export interface PayloadTarget {
  bytes: Uint8Array
  start: number
  end: number
}

const noBytes = new Uint8Array(0)

/**
 * Makes `value` the payload of a pack. The bytes stay valid: the codec never writes over what it has handed out.
 *
 * @throws WireError `ERR_WIRE_PAYLOAD_UNENCODABLE` for functions, symbols, cycles, invalid dates, integers beyond 64 bits
 * and typed arrays of other than bytes.
 */
export function putPayload(target: PayloadTarget, value: unknown): void {
  if (value === undefined) {
    target.bytes = noBytes
    target.start = 0
    target.end = 0
    return
  }
  const buffer = encode(value)
  target.bytes = buffer
  target.start = buffer.start
  target.end = buffer.end
  if (buffer.length > bufferBytesMax) codec.useBuffer(Buffer.allocUnsafeSlow(bufferBytes))
}

/** A value as payload bytes of its own. @throws WireError as `putPayload`. */
export function encodePayload(value: unknown): Uint8Array {
  const target: PayloadTarget = { bytes: noBytes, start: 0, end: 0 }
  putPayload(target, value)
  return copyBytes(target.bytes, target.start, target.end)
}

/**
 * The value of foreign payload bytes.
 *
 * @throws WireError `ERR_WIRE_PAYLOAD_REFUSED` with `details.fault`, unless the pre-scan accepts them.
 */
export function decodePayload(payload: PayloadBytes, limits: PayloadLimits): unknown {
  const fault = scanPayload(payload, limits)
  if (fault === undefined) return decodeScannedPayload(payload)
  throw new WireError('ERR_WIRE_PAYLOAD_REFUSED', `the payload is refused: ${fault}`, { details: { fault } })
}

/** As `decodePayload`, for bytes that the pre-scan has accepted already. */
export function decodeScannedPayload(payload: PayloadBytes): unknown {
  if (payload.start === payload.end) return undefined
  // The codec reads `start` and `end` of its options, which a payload has too.
  return codec.unpack(payload.bytes, payload)
}

type CodecBuffer = Uint8Array & { readonly start: number; readonly end: number }

function encode(value: unknown): CodecBuffer {
  try {
    return pack(value)
  } catch (error) {
    // A foreign value may have a `toJSON` that is plain data, and must be as good to send on as it was to receive.
    if (messageOf(error).endsWith('toJSON is not a function')) return withoutHooks(() => pack(value))
    throw new WireError('ERR_WIRE_PAYLOAD_UNENCODABLE', `the value cannot travel: ${messageOf(error)}`, {
      cause: error,
    })
  }
}

function pack(value: unknown): CodecBuffer {
  metView = false
  const buffer = codec.pack(value, wholeBuffer) as Uint8Array as CodecBuffer // What wholeBuffer asks for.
  if (metView) refuseWideViews(value)
  return buffer
}

function withoutHooks(call: () => CodecBuffer): CodecBuffer {
  const options = codec as { useToJSON?: boolean } // Known to msgpackr, not to its types.
  options.useToJSON = false
  try {
    return call()
  } finally {
    options.useToJSON = true
  }
}

/** Of the views only those of bytes can travel. Looks wherever the codec has looked. */
function refuseWideViews(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  if (ArrayBuffer.isView(value)) {
    if ('BYTES_PER_ELEMENT' in value && value.BYTES_PER_ELEMENT === 1) return
    throw new TypeError('a typed array of other than bytes cannot travel')
  }
  const plain: unknown = 'toJSON' in value && typeof value.toJSON === 'function' ? value.toJSON() : value
  if (plain !== value) refuseWideViews(plain)
  else if (value instanceof Map || value instanceof Set) for (const inner of value) refuseWideViews(inner)
  else if (value instanceof Error) refuseWideViews(value.cause)
  else for (const inner of Object.values(value)) refuseWideViews(inner)
}
