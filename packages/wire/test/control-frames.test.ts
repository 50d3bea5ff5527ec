import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FailCode, Kind } from '../src/constants.ts'
import {
  type Announce,
  announcePack,
  type EndRange,
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
  const failOf = (payload: Uint8Array): P2pPack => {
    const pack = new P2pPack(Kind.fail)
    pack.payload = payload
    return pack
  }

  it.each(Object.keys(FailCode) as FailCode[])('of %s says the same after it has travelled', (code) => {
    const fails = [true, false].map((mayHaveRun) => ({ code, mayHaveRun, message: 'it is ä reason' }))

    const read = fails.map((fail) => readFail(travelled(failOf(failPayload(fail)))))

    expect(read).toEqual(fails)
  })

  it('carries 512 bytes of message at most, and reads no more', () => {
    const payload = failPayload({ code: 'ERR_ASK_REJECTED', mayHaveRun: false, message: 'x'.repeat(2000) })

    const read = readFail(failOf(Uint8Array.from([...payload, 0x79])))

    expect(payload).toHaveLength(2 + 512)
    expect(read.message).toBe('x'.repeat(512))
  })

  it('with a code that only a newer peer knows reads as aborted', () => {
    expect(readFail(failOf(unhex('ff0161')))).toEqual({
      code: 'ERR_ASK_ABORTED',
      mayHaveRun: true,
      message: 'a',
    })
  })

  it('with a message that is no UTF-8 still says why', () => {
    expect(readFail(failOf(unhex('0200ff')))).toMatchObject({ code: 'ERR_ASK_TIMEOUT', mayHaveRun: false })
  })

  it.each(['', '01'])('of %j is refused: cut', (payload) => {
    expect(thrownBy(() => readFail(failOf(unhex(payload))))).toMatchObject(badFrame)
  })
})
