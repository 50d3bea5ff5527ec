// The pre-scan: one pass over foreign payload bytes before anything decodes them. It allocates nothing, recurses
// nowhere and accepts plain msgpack with string keys and the timestamp ext only, because the decoder's
// extensions can be made to hang, to eat memory or to compile code.
// Called by `decodePayload`, and by a gateway's net at its border.

/** What a payload may be made of. */
export interface PayloadLimits {
  /** Nesting of maps and arrays. */
  readonly depthMax: number
  /** Values in all, containers included, keys not. */
  readonly nodesMax: number
  /** Entries of one map. */
  readonly keysMax: number
}

/** Why a payload is refused. */
export type PayloadFault =
  | 'truncated'
  | 'trailing bytes'
  | 'too deep'
  | 'too many nodes'
  | 'too many keys'
  | 'a key that is no string'
  | 'the key __proto__'
  | 'an extension'
  | 'the unused type 0xc1'

/** Payload bytes in place: `bytes[start, end)`. A pack is one. */
export interface PayloadBytes {
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
}

/** No option allows more nesting than this: it is the size of the one stack. */
export const payloadDepthCeiling = 128

/** What is still to come at each depth, and whether it has keys. One scan runs at a time, so one stack is enough. */
const pending = new Int32Array(payloadDepthCeiling + 1)
const keyed = new Uint8Array(payloadDepthCeiling + 1)

/** Where the scan goes on; below 0, a fault. */
type Position = number

const faults: readonly PayloadFault[] = [
  'truncated',
  'trailing bytes',
  'too deep',
  'too many nodes',
  'too many keys',
  'a key that is no string',
  'the key __proto__',
  'an extension',
  'the unused type 0xc1',
]
const positionOf = (fault: PayloadFault): Position => -1 - faults.indexOf(fault)
const truncated = positionOf('truncated')
const badKey = positionOf('a key that is no string')
const protoKey = positionOf('the key __proto__')
const extension = positionOf('an extension')
const unusedType = positionOf('the unused type 0xc1')

const timestampExt = 0xff
/** What a Date holds, ECMA-262: 8.64e15 ms from 1970, either way. */
const dateSecondsMax = 8.64e12
const proto = [...'__proto__'].map((letter) => letter.charCodeAt(0))

/** Size of a value by its first byte, where nothing else decides it. */
const fixedSize = new Uint8Array(256).fill(1, 0x00, 0x80).fill(1, 0xe0, 0x100)
for (let length = 0; length < 0x20; length++) fixedSize[0xa0 + length] = 1 + length
fixedSize.set([1, 0, 1, 1], 0xc0) // nil, unused, false, true
fixedSize.set([5, 9, 2, 3, 5, 9, 2, 3, 5, 9], 0xca) // floats, unsigned, signed

/** Bytes of the count behind the first byte of arrays (dc, dd) and maps (de, df). */
const countBytes = (type: number): number => (type < 0xa0 ? 0 : (type & 1) === 0 ? 2 : 4)

/** Checks payload bytes; undefined means that they may be decoded. No bytes at all are the value undefined. */
export function scanPayload(payload: PayloadBytes, limits: PayloadLimits): PayloadFault | undefined {
  const { bytes, end } = payload
  let position = payload.start
  if (position === end) return undefined
  let nodes = 0
  let depth = 0
  pending[0] = 1
  keyed[0] = 0
  for (;;) {
    // A container whose last value is done is done, and so may be those around it.
    while (pending[depth] === 0) {
      if (depth === 0) return position === end ? undefined : 'trailing bytes'
      depth--
    }
    pending[depth] = (pending[depth] as number) - 1 // Depth stays within the stack.
    if (keyed[depth] === 1) position = skipKey(bytes, position, end)
    if (position < 0) return faults[-1 - position]
    if (position >= end) return 'truncated'
    if (++nodes > limits.nodesMax) return 'too many nodes'
    const type = bytes[position] as number // Below end.
    const size = fixedSize[type] as number
    if (size > 0) {
      position += size
      if (position > end) return 'truncated'
      continue
    }
    if (!isContainer(type)) {
      position = skipSized(bytes, position, end)
      if (position < 0) return faults[-1 - position]
      continue
    }
    const count = type < 0xa0 ? type & 0x0f : uintAt(bytes, { at: position + 1, size: countBytes(type), end })
    if (count < 0) return 'truncated'
    if (count > limits.nodesMax - nodes) return 'too many nodes'
    if (++depth > limits.depthMax) return 'too deep'
    pending[depth] = count
    keyed[depth] = isMap(type) ? 1 : 0
    if (keyed[depth] === 1 && count > limits.keysMax) return 'too many keys'
    position += 1 + countBytes(type)
  }
}

const isContainer = (type: number): boolean => type < 0xa0 || type >= 0xdc
const isMap = (type: number): boolean => type < 0x90 || type >= 0xde

/** The end of a map's key, which must be a string and must not be `__proto__`. */
function skipKey(bytes: Uint8Array, position: Position, end: number): Position {
  if (position >= end) return truncated
  const type = bytes[position] as number // Below end.
  const isShort = type >= 0xa0 && type < 0xc0
  if (!isShort && (type < 0xd9 || type > 0xdb)) return badKey
  const next = isShort ? position + 1 + (type & 0x1f) : skipSized(bytes, position, end)
  if (next > end) return truncated
  return next >= 0 && isProto(bytes, position, next) ? protoKey : next
}

function isProto(bytes: Uint8Array, from: number, to: number): boolean {
  const type = bytes[from] as number // The key was found to be whole.
  const start = from + 1 + (type < 0xc0 ? 0 : sizedLengthBytes(type))
  return to - start === proto.length && proto.every((letter, index) => bytes[start + index] === letter)
}

/** Bytes of the length behind the first byte of a string (d9..db), a binary (c4..c6) or an ext (c7..c9). */
const sizedLengthBytes = (type: number): number =>
  1 << (type < 0xc7 ? type - 0xc4 : type < 0xd0 ? type - 0xc7 : type - 0xd9)

/** The end of a string, a binary or a timestamp; everything else is refused. */
function skipSized(bytes: Uint8Array, position: number, end: number): Position {
  const type = bytes[position] as number // The caller checked that it is below end.
  if (type === 0xc1) return unusedType
  if (type >= 0xd4 && type <= 0xd8) return skipFixedExt(bytes, position, end)
  if (type >= 0xc8 && type <= 0xc9) return extension
  const size = sizedLengthBytes(type)
  const length = uintAt(bytes, { at: position + 1, size, end })
  if (length < 0) return truncated
  if (type !== 0xc7) return position + 1 + size + length > end ? truncated : position + 1 + size + length
  // ext 8: only the timestamp with nanoseconds, 12 bytes.
  if (length !== 12 || bytes[position + 2] !== timestampExt) return extension
  if (position + 15 > end) return truncated
  // Seconds are 64 bits, but a Date holds fewer: what it cannot hold could be decoded and never be sent on.
  const high = uintAt(bytes, { at: position + 7, size: 4, end })
  const seconds = (high | 0) * 0x100000000 + uintAt(bytes, { at: position + 11, size: 4, end })
  const nanos = uintAt(bytes, { at: position + 3, size: 4, end })
  const isLast = seconds === dateSecondsMax && nanos === 0
  return seconds >= -dateSecondsMax && (seconds < dateSecondsMax || isLast) ? position + 15 : extension
}

/** fixext 4 and 8 may be timestamps. */
function skipFixedExt(bytes: Uint8Array, position: number, end: number): Position {
  const type = bytes[position]
  if ((type !== 0xd6 && type !== 0xd7) || bytes[position + 1] !== timestampExt) return extension
  const next = position + (type === 0xd6 ? 6 : 10)
  return next > end ? truncated : next
}

function uintAt(bytes: Uint8Array, field: { at: number; size: number; end: number }): number {
  if (field.at + field.size > field.end) return truncated
  let value = 0
  for (let index = 0; index < field.size; index++) value = value * 0x100 + (bytes[field.at + index] as number)
  return value
}
