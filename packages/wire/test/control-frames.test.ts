import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FailCode, Kind } from '../src/constants.ts'
import {
  type Announce,
  announcePack,
  type EndRange,
  type Fail,
  failPayload,
  rangesPack,
  readAnnounce,
  readFail,
  readRanges,
} from '../src/control-frames.ts'
import { endId } from '../src/end.ts'
import { encodePack } from '../src/frame-encoder.ts'
import { controlPack } from '../src/handshake-frames.ts'
import { P2pPack } from '../src/p2p-pack.ts'
import { decodeOne, hex, thrownBy, unhex } from './bytes.ts'

const uint = (size: number) => fc.nat({ max: 2 ** (8 * size) - 1 })

const anyRange: fc.Arbitrary<EndRange> = fc
  .tuple(uint(1), uint(2), uint(2))
  .map(([endType, one, other]) => ({ endType, lo: Math.min(one, other), hi: Math.max(one, other) }))

const anyAnnounce: fc.Arbitrary<Announce> = fc.record({
  isLast: fc.boolean(),
  ranges: fc.array(
    fc
      .tuple(anyRange, uint(3), uint(6), uint(1))
      .map(([range, id, epoch, hops]) => ({ ...range, origin: endId(id >>> 16, id & 0xffff), epoch, hops })),
  ),
})

const travelled = (pack: P2pPack): P2pPack => decodeOne(encodePack(pack))

const badFrame = { name: 'WireError', code: 'ERR_WIRE_BAD_FRAME' }

describe('an announce', () => {
  it('says the same after it has travelled', () => {
    fc.assert(
      fc.property(anyAnnounce, (said) => {
        expect(readAnnounce(travelled(announcePack(said)))).toEqual(said)
      }),
    )
  })

  it('has its bytes where the table says', () => {
    const pack = announcePack({
      isLast: true,
      ranges: [{ endType: 2, lo: 7, hi: 9, origin: endId(1, 1), epoch: 0x0102030405, hops: 3 }],
    })

    expect(hex(pack.payload)).toBe(hex(unhex('01 02 0007 0009 010001 000102030405 03')))
  })

  it.each(['', '00 02', '01 02 0007 0009 010001 000102030405', '00 02 0009 0007 010001 000102030405 03'])(
    'of %j is refused: cut, or upside down',
    (payload) => {
      expect(thrownBy(() => readAnnounce(controlPack(Kind.announce, unhex(payload))))).toMatchObject(badFrame)
    },
  )

  it('may have flags that only a newer peer knows', () => {
    expect(readAnnounce(controlPack(Kind.announce, unhex('fe')))).toEqual({ isLast: false, ranges: [] })
  })
})

describe.each([Kind.withdraw, Kind.refuse])('ranges of kind %s', (kind) => {
  it('say the same after they have travelled', () => {
    fc.assert(
      fc.property(fc.array(anyRange), (ranges) => {
        const pack = travelled(rangesPack(kind, ranges))

        expect(pack.kind).toBe(kind)
        expect(readRanges(pack)).toEqual(ranges)
      }),
    )
  })

  it.each(['02', '02 0007 00', '02 0007 0009 02', '02 0009 0007'])(
    'of %j are refused: cut, or upside down',
    (payload) => {
      expect(thrownBy(() => readRanges(controlPack(kind, unhex(payload))))).toMatchObject(badFrame)
    },
  )
})

describe('a fail', () => {
  const noBytes = new Uint8Array(0)
  const details = unhex('81 a5 6c6576656c 07')

  const failOf = (payload: Uint8Array): P2pPack => {
    const pack = new P2pPack(Kind.fail)
    pack.payload = payload
    return pack
  }

  const saying = (message: string): Fail => ({
    ...{ code: 'ERR_ASK_REJECTED', mayHaveRun: false, message },
    details: noBytes,
  })

  it.each(Object.keys(FailCode) as FailCode[])('of %s says the same after it has travelled', (code) => {
    const fails = [true, false].flatMap((mayHaveRun) => [
      { code, mayHaveRun, message: 'it is ä reason', details },
      { code, mayHaveRun, message: '', details: noBytes },
    ])

    const read = fails.map((fail) => readFail(travelled(failOf(failPayload(fail)))))

    expect(read).toEqual(fails)
  })

  it('has its bytes where the table says', () => {
    const payload = failPayload({ code: 'ERR_ASK_REJECTED', mayHaveRun: true, message: 'aä', details })

    expect(hex(payload)).toBe(hex(unhex('06 01 0003 61c3a4 81a56c6576656c07')))
  })

  it('carries 512 bytes of message at most', () => {
    const payload = failPayload({ ...saying('x'.repeat(2000)), details })

    expect(payload).toHaveLength(4 + 512 + details.length)
    expect(readFail(failOf(payload))).toEqual({ ...saying('x'.repeat(512)), details })
  })

  it.each([
    ['a', 'ä', 511],
    ['ab', 'ä', 512],
    ['', '€', 510],
    ['a', '😀', 509],
    ['abcd', '😀', 512],
  ])('behind %j cuts a message of %j between two of them', (before, character, bytes) => {
    const message = before + character.repeat(600)

    const read = readFail(failOf(failPayload(saying(message))))

    expect(new TextEncoder().encode(read.message)).toHaveLength(bytes)
    expect(message.startsWith(read.message)).toBe(true)
  })

  it('cuts any message to the longest beginning that fits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 1000, size: 'max' }), (message) => {
        const bytes = new TextEncoder().encode(message)

        const read = new TextEncoder().encode(readFail(failOf(failPayload(saying(message)))).message)

        expect(hex(read)).toBe(hex(bytes.subarray(0, read.length)))
        expect(read.length).toBeGreaterThan(Math.min(bytes.length, 512) - 4)
      }),
    )
  })

  it('with a message of more than 512 bytes is refused, before the message is looked at', () => {
    const most = Uint8Array.from([2, 0, 2, 0, ...new Uint8Array(512)])
    const more = Uint8Array.from([2, 0, 2, 1, ...new Uint8Array(513)])

    expect(readFail(failOf(most)).message).toHaveLength(512)
    expect(thrownBy(() => readFail(failOf(more)))).toMatchObject({
      ...badFrame,
      details: { messageBytes: 513 },
    })
    expect(thrownBy(() => readFail(failOf(unhex('0200ffff'))))).toMatchObject({
      ...badFrame,
      details: { messageBytes: 0xffff },
    })
  })

  it('with a code that only a newer peer knows reads as aborted', () => {
    expect(readFail(failOf(unhex('ff01000161')))).toEqual({
      code: 'ERR_ASK_ABORTED',
      mayHaveRun: true,
      message: 'a',
      details: noBytes,
    })
  })

  it('with a message that is no UTF-8 still says why', () => {
    expect(readFail(failOf(unhex('02000001ff')))).toMatchObject({
      code: 'ERR_ASK_TIMEOUT',
      mayHaveRun: false,
    })
  })

  it('has details of its own: the bytes of its frame may be written over', () => {
    const payload = failPayload({ ...saying('no'), details })

    const read = readFail(failOf(payload))
    payload.fill(0)

    expect(hex(read.details)).toBe(hex(details))
  })

  it.each(['', '01', '0100', '010000', '01000001', '0100000261'])('of %j is refused: cut', (payload) => {
    expect(thrownBy(() => readFail(failOf(unhex(payload))))).toMatchObject(badFrame)
  })
})
