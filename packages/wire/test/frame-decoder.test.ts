import { describe, expect, it } from 'vitest'
import { Flag, Kind, Offset } from '../src/constants.ts'
import { endId } from '../src/end.ts'
import { FrameDecoder } from '../src/frame-decoder.ts'
import { encodePack } from '../src/frame-encoder.ts'
import { P2pPack } from '../src/p2p-pack.ts'
import { factsOf } from './any-pack.ts'
import { chunksOf, decodeChunks, decodeOne, join, takeAll, thrownBy, unhex } from './bytes.ts'

const frameBytesMax = 4096

/** A frame with `payload` bytes behind the header, all 0x55. */
function frameOf(payload: number, kind: Kind = Kind.tell): Uint8Array {
  const pack = new P2pPack(kind)
  pack.source = endId(1, 1)
  pack.destination = endId(2, 7)
  pack.payload = new Uint8Array(payload).fill(0x55)
  return encodePack(pack)
}

/** A frame with one byte of it overwritten. */
const spoilt = (frame: Uint8Array, at: number, byte: number): Uint8Array => frame.with(at, byte)

const headOf = (length: string): Uint8Array => join(unhex(length), frameOf(0).subarray(4))

const pushed = (chunk: Uint8Array) => () => decodeChunks([chunk], frameBytesMax)

describe('a stream that is cut', () => {
  const packs = [frameOf(0), frameOf(5), frameOf(0, Kind.ping), frameOf(700), frameOf(40)].map(decodeOne)
  const bytes = join(...packs.map(encodePack))
  const whole = packs.map(factsOf)

  it('gives the same packs for every single cut', () => {
    for (let cut = 0; cut <= bytes.length; cut++) {
      const decoded = decodeChunks([bytes.slice(0, cut), bytes.slice(cut)])

      expect(decoded.map(factsOf)).toEqual(whole)
    }
  })

  it('gives the same packs byte by byte', () => {
    const decoded = decodeChunks(chunksOf(bytes, () => 1))

    expect(decoded.map(factsOf)).toEqual(whole)
  })

  it('counts what has come of the frame that is not whole', () => {
    const decoder = new FrameDecoder({ frameBytesMax })
    const counts = [...frameOf(3)].map((byte) => {
      takeAll(decoder, Uint8Array.of(byte))
      return decoder.unfinishedBytes
    })

    expect(counts).toEqual([...Array.from({ length: 26 }, (_, index) => index + 1), 0])
  })
})

describe('a whole frame in one chunk', () => {
  it('is not copied', () => {
    const chunk = join(frameOf(10), frameOf(20))

    const packs = decodeChunks([chunk])

    expect(packs.map((pack) => pack.bytes === chunk)).toEqual([true, true])
    expect(packs.map((pack) => pack.size)).toEqual([10, 20])
  })

  it('is let go by detach', () => {
    const [pack] = decodeChunks([join(frameOf(10), frameOf(2000))])

    pack?.detach()

    expect(pack?.bytes.buffer.byteLength).toBe(10)
    expect(pack?.payload).toEqual(new Uint8Array(10).fill(0x55))
  })
})

describe('the length field', () => {
  it.each([
    ['00000000', 'ERR_WIRE_BAD_LENGTH'],
    ['00000013', 'ERR_WIRE_BAD_LENGTH'],
    ['00001001', 'ERR_WIRE_FRAME_TOO_LARGE'],
    ['00ffffff', 'ERR_WIRE_FRAME_TOO_LARGE'],
    ['80000000', 'ERR_WIRE_BAD_LENGTH'],
    ['ffffffff', 'ERR_WIRE_BAD_LENGTH'],
  ])('%s is refused with %s, whole and byte by byte', (length, code) => {
    const frame = headOf(length)

    const whole = thrownBy(pushed(frame))
    const cut = thrownBy(() =>
      decodeChunks(
        chunksOf(frame, () => 1),
        frameBytesMax,
      ),
    )

    expect([whole, cut]).toMatchObject([{ code }, { code }])
  })

  it('of 20 is a header without payload', () => {
    expect(decodeOne(headOf('00000014')).size).toBe(0)
  })

  it('may be as large as the limit', () => {
    const frame = frameOf(frameBytesMax - 20)

    const [pack] = decodeChunks([frame], frameBytesMax)

    expect(pack?.size).toBe(frameBytesMax - 20)
  })

  it('is not believed: memory grows with what has come', () => {
    const before = process.memoryUsage().arrayBuffers
    const decoders = Array.from({ length: 64 }, () => new FrameDecoder({ frameBytesMax: 0xffffff }))
    for (const decoder of decoders) takeAll(decoder, headOf('00ffffff'))

    const grown = process.memoryUsage().arrayBuffers - before

    expect(decoders.map((decoder) => decoder.unfinishedBytes)).toEqual(decoders.map(() => 24))
    expect(grown).toBeLessThan(decoders.length * 64 * 1024)
  })
})

describe('a header that is wrong', () => {
  it.each([
    ['the first byte', '47', 'ERR_WIRE_BAD_LENGTH'],
    ['the length', '00000013', 'ERR_WIRE_BAD_LENGTH'],
    ['the length', '00001001', 'ERR_WIRE_FRAME_TOO_LARGE'],
    ['the magic', '00000800a2', 'ERR_WIRE_BAD_VERSION'],
  ])('fails at %s, before another byte arrives (%s)', (_, head, code) => {
    const bytes = unhex(head)

    const whole = thrownBy(pushed(bytes))
    const early = thrownBy(pushed(bytes.slice(0, -1)))
    const last = thrownBy(() => decodeChunks([bytes.slice(0, -1), bytes.slice(-1)], frameBytesMax))

    expect([whole, last]).toMatchObject([{ code }, { code }])
    expect(early).toBeUndefined()
  })

  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\n'],
    ['TLS', '\u0016\u0003\u0001'],
  ])('%s fails at its first byte', (_, text) => {
    const error = thrownBy(pushed(new TextEncoder().encode(text.slice(0, 1))))

    expect(error).toMatchObject({ name: 'WireError', code: 'ERR_WIRE_BAD_LENGTH' })
  })

  it.each([
    ['a reserved byte that is not 0', spoilt(frameOf(4), Offset.reserved, 1)],
    ['a flag on a control frame', spoilt(frameOf(4, Kind.ping), Offset.flags, Flag.fromClient)],
    ['an unknown flag on a control frame', spoilt(frameOf(4, Kind.bye), Offset.flags, 0x80)],
    ['a payload offset inside the header', spoilt(frameOf(4), Offset.payload, 23)],
    ['a payload offset beyond the frame', spoilt(frameOf(4), Offset.payload, 29)],
    ['a field that the offset does not leave room for', spoilt(frameOf(4), Offset.flags, Flag.deadline)],
  ])('%s is refused, before the body arrives', (_, frame) => {
    const whole = thrownBy(pushed(frame))
    const cut = thrownBy(() =>
      decodeChunks(
        chunksOf(frame, () => 1),
        frameBytesMax,
      ),
    )

    const early = thrownBy(pushed(frame.slice(0, 24)))

    expect([whole, cut, early]).toMatchObject(Array(3).fill({ code: 'ERR_WIRE_BAD_HEADER' }))
  })
})

describe('what only a newer peer knows', () => {
  it('is skipped when it is a header field', () => {
    const pack = decodeOne(spoilt(frameOf(8), Offset.payload, 24 + 5))

    expect(pack.payload).toEqual(new Uint8Array(3).fill(0x55))
    expect(pack.fields).toEqual({ unknown: new Uint8Array(5).fill(0x55) })
  })

  it('is kept when it is a high flag', () => {
    const pack = decodeOne(spoilt(frameOf(8), Offset.flags, 0xe0 | Flag.fromClient))

    expect(pack.flags).toBe(0xf0)
  })

  it('may do as it likes with flags and the reserved byte when its kind is ignorable', () => {
    const frame = spoilt(
      spoilt(spoilt(frameOf(8), Offset.kind, 0x93), Offset.flags, 0x40),
      Offset.reserved,
      9,
    )

    const pack = decodeOne(frame)

    expect(pack.kind).toBe(0x93)
  })

  it('is for the frame rules when it is a kind', () => {
    const kinds = Array.from(
      { length: 256 },
      (_, kind) => decodeOne(spoilt(frameOf(1), Offset.kind, kind)).kind,
    )

    expect(kinds).toEqual(Array.from({ length: 256 }, (_, kind) => kind))
  })
})

it('obeys a raised limit from the next frame on', () => {
  const decoder = new FrameDecoder({ frameBytesMax })
  const large = frameOf(frameBytesMax)

  const refused = thrownBy(() => takeAll(new FrameDecoder({ frameBytesMax }), large))
  const first = takeAll(decoder, frameOf(8))
  decoder.setFrameBytesMax(2 * frameBytesMax)
  const second = [...chunksOf(large, () => 1000)].flatMap((chunk) => takeAll(decoder, chunk))

  expect(refused).toMatchObject({ code: 'ERR_WIRE_FRAME_TOO_LARGE' })
  expect([...first, ...second].map((pack) => pack.size)).toEqual([8, frameBytesMax])
})

it('gives the packs before a stream turns invalid, then throws', () => {
  const decoder = new FrameDecoder({ frameBytesMax })
  decoder.push(join(frameOf(1), frameOf(2), spoilt(frameOf(3), Offset.magic, 0)))

  const sizes = [decoder.next()?.size, decoder.next()?.size]
  const error = thrownBy(() => decoder.next())

  expect(sizes).toEqual([1, 2])
  expect(error).toMatchObject({ code: 'ERR_WIRE_BAD_VERSION', details: { byte: 0, expected: 0xa1 } })
})

it('takes linear time for a large frame in chunks of 1 to 16 bytes', () => {
  const msFor = (size: number): number => {
    let next = 0
    const chunks = [...chunksOf(frameOf(size - 24), () => (next++ % 16) + 1)]
    const startedAt = performance.now()
    expect(decodeChunks(chunks)).toHaveLength(1)
    return performance.now() - startedAt
  }
  msFor(1 << 16)

  const small = Math.min(msFor(1 << 18), msFor(1 << 18))
  const large = Math.min(msFor(1 << 20), msFor(1 << 20))

  // Four times the bytes: 4 if linear, 16 if quadratic; the constant is for a busy machine.
  expect(large).toBeLessThan(10 * small + 50)
})
