// The vectors of docs/wire-vectors.json whose bytes are written by hand: payloads, and what is refused.
import { ascii, hex, join, repeat, unhex } from './bytes.ts'

const bytes = (text: string): string => hex(unhex(text))
const letters = (text: string): string => hex(ascii(text))
const times = (text: string, count: number): string => hex(repeat(unhex(text), count))

/** What a decoder must read. Encoders may choose any header size; ours writes plain objects as map 16. */
export const payloads = [
  { name: 'undefined: no bytes at all', hex: '', value: { $undefined: true } },
  { name: 'nil', hex: 'c0', value: null },
  { name: 'false', hex: 'c2', value: false },
  { name: 'true', hex: 'c3', value: true },
  { name: 'positive fixint', hex: '7f', value: 127 },
  { name: 'negative fixint', hex: 'e0', value: -32 },
  { name: 'uint 8', hex: 'ccff', value: 255 },
  { name: 'uint 16', hex: 'cdffff', value: 65_535 },
  { name: 'uint 32', hex: 'ceffffffff', value: 4_294_967_295 },
  { name: 'uint 64 that is exact', hex: 'cf0000000000000005', value: 5 },
  { name: 'uint 64 at the edge', hex: 'cf0020000000000000', value: 9_007_199_254_740_992 },
  { name: 'uint 64 beyond', hex: 'cfffffffffffffffff', value: { $int: '18446744073709551615' } },
  { name: 'int 8', hex: 'd080', value: -128 },
  { name: 'int 16', hex: 'd18000', value: -32_768 },
  { name: 'int 32', hex: 'd280000000', value: -2_147_483_648 },
  { name: 'int 64 that is exact', hex: 'd3fffffffffffffffb', value: -5 },
  { name: 'int 64 beyond', hex: 'd38000000000000000', value: { $int: '-9223372036854775808' } },
  { name: 'float 32', hex: 'ca3fc00000', value: 1.5 },
  { name: 'float 64', hex: 'cb3fb999999999999a', value: 0.1 },
  { name: 'not a number', hex: 'cb7ff8000000000000', value: { $float: 'NaN' } },
  { name: 'negative infinity', hex: 'cbfff0000000000000', value: { $float: '-Infinity' } },
  { name: 'fixstr, empty', hex: 'a0', value: '' },
  { name: 'fixstr', hex: 'a661c3a4e282ac', value: 'aä€' },
  { name: 'fixstr of a plane beyond', hex: 'a4f09f9880', value: '😀' },
  { name: 'str 8', hex: `d920${letters('x'.repeat(32))}`, value: 'x'.repeat(32) },
  { name: 'str 16 of a short string', hex: `da0001${letters('x')}`, value: 'x' },
  { name: 'str 32 of a short string', hex: `db00000001${letters('x')}`, value: 'x' },
  { name: 'bin 8', hex: 'c403010203', value: { $bytes: '010203' } },
  { name: 'bin 16', hex: 'c50001ff', value: { $bytes: 'ff' } },
  { name: 'bin 32', hex: 'c600000000', value: { $bytes: '' } },
  { name: 'fixarray', hex: '93010203', value: [1, 2, 3] },
  { name: 'array 16', hex: 'dc0001c0', value: [null] },
  { name: 'array 32', hex: 'dd00000000', value: [] },
  { name: 'fixmap', hex: bytes('82 a161 01 a162 92c3c0'), value: { a: 1, b: [true, null] } },
  { name: 'map 16', hex: `de0001a5${letters('hello')}01`, value: { hello: 1 } },
  { name: 'map 32', hex: 'df00000000', value: {} },
  { name: 'a key that is empty', hex: '81a001', value: { '': 1 } },
  { name: 'a key that ends in __proto__', hex: `81aa${letters('x__proto__')}01`, value: { x__proto__: 1 } },
  { name: 'a key twice: the last counts', hex: bytes('82 a161 01 a161 02'), value: { a: 2 } },
  { name: 'timestamp 32', hex: 'd6ff00000001', value: { $date: '1970-01-01T00:00:01.000Z' } },
  { name: 'timestamp 64', hex: 'd7ff1d5353006553f100', value: { $date: '2023-11-14T22:13:20.123Z' } },
  {
    name: 'timestamp 96',
    hex: 'c70cff3b8b87c0ffffffffffffffff',
    value: { $date: '1969-12-31T23:59:59.999Z' },
  },
]

/** Against the limits of class node: depth 32, 50,000 values, 2,000 keys in a map. */
export const refusedPayloads = [
  { name: 'half a string', hex: 'a361', fault: 'truncated' },
  { name: 'a string of 4 GiB', hex: 'dbffffffff61', fault: 'truncated' },
  { name: 'a bin of 4 GiB', hex: 'c6ffffffff00', fault: 'truncated' },
  { name: 'a map without its value', hex: '81a161', fault: 'truncated' },
  { name: 'half a timestamp', hex: 'd7ff00000000', fault: 'truncated' },
  { name: 'two values', hex: 'c0c0', fault: 'trailing bytes' },
  { name: '33 arrays deep', hex: `${times('91', 32)}90`, fault: 'too deep' },
  { name: '33 maps deep', hex: `${times('81a161', 32)}80`, fault: 'too deep' },
  { name: 'an array of 50,000 values', hex: 'dd0000c350', fault: 'too many nodes' },
  { name: 'an array of 4 Gi values', hex: 'ddffffffff', fault: 'too many nodes' },
  { name: 'a map of 2,001 keys', hex: 'de07d1', fault: 'too many keys' },
  { name: 'an integer for a key', hex: '810101', fault: 'a key that is no string' },
  { name: 'a bin for a key', hex: '81c4016101', fault: 'a key that is no string' },
  { name: 'nil for a key', hex: '81c001', fault: 'a key that is no string' },
  { name: '__proto__, fixstr', hex: `81a9${letters('__proto__')}80`, fault: 'the key __proto__' },
  { name: '__proto__, str 8', hex: `81d909${letters('__proto__')}80`, fault: 'the key __proto__' },
  { name: '__proto__, str 16', hex: `81da0009${letters('__proto__')}80`, fault: 'the key __proto__' },
  { name: '__proto__, str 32', hex: `81db00000009${letters('__proto__')}80`, fault: 'the key __proto__' },
  { name: 'the unused type', hex: 'c1', fault: 'the unused type 0xc1' },
  { name: 'fixext 1', hex: 'd47240', fault: 'an extension' },
  { name: 'fixext 4', hex: 'd662fffffff0', fault: 'an extension' },
  { name: 'fixext 16', hex: `d8ff${times('00', 16)}`, fault: 'an extension' },
  { name: 'ext 8 of another code', hex: `c70cfe${times('00', 12)}`, fault: 'an extension' },
  { name: 'ext 8 of another size', hex: `c70bff${times('00', 11)}`, fault: 'an extension' },
  { name: 'ext 16', hex: `c8000cff${times('00', 12)}`, fault: 'an extension' },
  { name: 'ext 32', hex: `c90000000cff${times('00', 12)}`, fault: 'an extension' },
]

/** A header with what a case changes; the rest is a tell from 1:1 to 2:7 with the payload c0. */
function frame(part: {
  length?: string
  magic?: string
  kind?: string
  flags?: string
  at?: string
  reserved?: string
  payload?: string
}): string {
  const payload = part.payload ?? 'c0'
  const length = part.length ?? (20 + payload.length / 2).toString(16).padStart(8, '0')
  const start = `${length}${part.magic ?? 'a1'}${part.kind ?? '40'}${part.flags ?? '00'}${part.at ?? '18'}`
  return `${start}01000100020007${part.reserved ?? '00'}0000000000000000${payload}`
}

const badLength = 'ERR_WIRE_BAD_LENGTH'
const badHeader = 'ERR_WIRE_BAD_HEADER'
const badFrame = 'ERR_WIRE_BAD_FRAME'
const hello = hex(join(ascii('P2PN'), unhex('010101020000000000010001000000000000'), new Uint8Array(48)))
const helloWith = (at: number, byte: string): string =>
  hello.slice(0, 2 * at) + byte + hello.slice(2 * at + 2)

export const refusedFrames = [
  { name: 'HTTP', hex: letters('G'), code: badLength, why: 'the first byte of a frame is 0' },
  { name: 'TLS', hex: '16', code: badLength, why: 'the first byte of a frame is 0' },
  {
    name: 'length 0',
    hex: '00000000',
    code: badLength,
    why: 'a header behind the length field has 20 bytes',
  },
  {
    name: 'length 19',
    hex: '00000013',
    code: badLength,
    why: 'a header behind the length field has 20 bytes',
  },
  { name: 'length 2^31', hex: '80000000', code: badLength, why: 'the first byte of a frame is 0' },
  { name: 'length 2^32-1', hex: 'ffffffff', code: badLength, why: 'the first byte of a frame is 0' },
  {
    name: 'length limit + 1',
    hex: '00100001',
    code: 'ERR_WIRE_FRAME_TOO_LARGE',
    why: 'the limit is on the length field',
  },
  {
    name: 'another magic',
    hex: '00000014a2',
    code: 'ERR_WIRE_BAD_VERSION',
    why: 'magic and version are 0xa1',
  },
  { name: 'payload offset 23', hex: frame({ at: '17' }), code: badHeader, why: 'the header has 24 bytes' },
  {
    name: 'payload offset beyond the frame',
    hex: frame({ at: '1a' }),
    code: badHeader,
    why: 'the frame has 25 bytes',
  },
  {
    name: 'a deadline that has no room',
    hex: frame({ flags: '01' }),
    code: badHeader,
    why: 'fields end before the payload',
  },
  {
    name: 'the reserved byte',
    hex: frame({ reserved: '01' }),
    code: badHeader,
    why: 'the reserved byte is 0',
  },
  {
    name: 'flags on a ping',
    hex: frame({ kind: '10', flags: '10', payload: times('00', 8) }),
    code: badHeader,
    why: 'control frames have no flags',
  },
  {
    name: 'an unknown flag on a bye',
    hex: frame({ kind: '17', flags: '80', payload: '0001' }),
    code: badHeader,
    why: 'control frames have no flags',
  },
  {
    name: 'a hello that begins otherwise',
    hex: frame({ kind: '01', payload: helloWith(0, '51') }),
    code: badFrame,
    why: 'a hello begins with P2PN',
  },
  {
    name: 'a hello of an unknown class',
    hex: frame({ kind: '01', payload: helloWith(6, '03') }),
    code: badFrame,
    why: 'the classes are 1 and 2',
  },
  {
    name: 'a hello of an unknown claim',
    hex: frame({ kind: '01', payload: helloWith(12, '02') }),
    code: badFrame,
    why: 'the claims are 0 and 1',
  },
  {
    name: 'a hello that is cut',
    hex: frame({ kind: '01', payload: hello.slice(0, -2) }),
    code: badFrame,
    why: 'its nonce has 32 bytes',
  },
  {
    name: 'a registered that is cut',
    hex: frame({ kind: '04', payload: '0100010000' }),
    code: badFrame,
    why: 'end and epoch have 9 bytes',
  },
  {
    name: 'a bye without a reason',
    hex: frame({ kind: '17', payload: '01' }),
    code: badFrame,
    why: 'a reason has 2 bytes',
  },
  {
    name: 'an announce that is empty',
    hex: frame({ kind: '12', payload: '' }),
    code: badFrame,
    why: 'its flags have 1 byte',
  },
  {
    name: 'an announce with bytes left over',
    hex: frame({ kind: '12', payload: '0102' }),
    code: badFrame,
    why: 'an entry has 15 bytes',
  },
  {
    name: 'an announce upside down',
    hex: frame({ kind: '12', payload: '0102000900070100010000000000ff00' }),
    code: badFrame,
    why: 'lo is not above hi',
  },
  {
    name: 'a withdraw with bytes left over',
    hex: frame({ kind: '13', payload: '0200' }),
    code: badFrame,
    why: 'an entry has 5 bytes',
  },
  {
    name: 'a refuse upside down',
    hex: frame({ kind: '14', payload: '0200090007' }),
    code: badFrame,
    why: 'lo is not above hi',
  },
  {
    name: 'a fail whose message is cut',
    hex: frame({ kind: '43', payload: '0600000261' }),
    code: badFrame,
    why: 'the message has 2 bytes',
  },
  {
    name: 'a fail with a message of 513 bytes',
    hex: frame({ kind: '43', payload: `06000201${times('61', 513)}` }),
    code: badFrame,
    why: '512 are the most',
  },
]
