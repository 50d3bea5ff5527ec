import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Flag, Kind } from '../src/constants.ts'
import { endId } from '../src/end.ts'
import { encodeFrame, encodePack, frameSize } from '../src/frame-encoder.ts'
import { P2pPack } from '../src/p2p-pack.ts'
import { anyPack, factsOf } from './any-pack.ts'
import { decodeOne, hex, unhex } from './bytes.ts'

function richPack(): P2pPack {
  const pack = new P2pPack(Kind.ask)
  pack.flags = Flag.fromClient
  pack.source = endId(1, 3)
  pack.destination = endId(2, 7)
  pack.hops = 15
  pack.callTag = 0xdeadbeef
  pack.callSeq = 0xffffffff
  pack.deadlineMs = 5000
  pack.fields = {
    epoch: 2 ** 48 - 2,
    sub: { source: 70_001, destination: 0xfffffffe },
    trace: Uint8Array.from({ length: 25 }, (_, index) => index),
  }
  pack.payload = unhex('81a16101')
  return pack
}

describe('encodePack', () => {
  it('writes every field where the table says', () => {
    const frame = encodePack(richPack())

    const expected = [
      '00000043 a1 41 1f 43', // length 67, magic, ask, all flags, payload at 67
      '01 0003 0f 02 0007 00', // 1:3, 15 hops, 2:7, reserved
      'deadbeef ffffffff', // call id
      '00001388 fffffffffffe 00011171fffffffe', // deadline, epoch, sub
      '000102030405060708090a0b0c0d0e0f101112131415161718', // trace
      '81a16101',
    ]
    expect(hex(frame)).toBe(hex(unhex(expected.join(''))))
  })

  it('is undone by the decoder, with every optional field', () => {
    const pack = richPack()

    const decoded = decodeOne(encodePack(pack))

    expect(factsOf(decoded)).toEqual(factsOf(pack))
    expect([decoded.sourceEnd, decoded.destinationEnd]).toEqual([
      { endType: 1, endNo: 3 },
      { endType: 2, endNo: 7 },
    ])
  })

  it('is undone by the decoder for any pack', () => {
    fc.assert(
      fc.property(anyPack, (pack) => {
        const frame = encodePack(pack)

        const decoded = decodeOne(frame)

        expect(frame).toHaveLength(frameSize(pack))
        expect(factsOf(decoded)).toEqual(factsOf(pack))
      }),
    )
  })

  it('gives a forwarded pack back byte for byte, unknown flags and fields included', () => {
    const frame = unhex(
      '00000020 a1 40 f0 20 010001 03 020007 00 00000000 00000000 0102030405060708 81a16101',
    )

    const forwarded = encodePack(decodeOne(frame))

    expect(hex(forwarded)).toBe(hex(frame))
  })

  it.each([
    [0, 0],
    [0.2, 1],
    [-3, 0],
    [0xffffffff, 0xffffffff],
    [2 ** 32 + 5, 0xffffffff],
    [Number.POSITIVE_INFINITY, 0xffffffff],
  ])('writes a deadline of %s ms as %s', (deadlineMs, written) => {
    const pack = new P2pPack(Kind.ask)
    pack.deadlineMs = deadlineMs

    expect(decodeOne(encodePack(pack)).deadlineMs).toBe(written)
  })
})

describe('encodeFrame', () => {
  it('writes into the middle of a batch and touches nothing else', () => {
    const pack = richPack()
    const batch = new Uint8Array(200).fill(0xee)

    const end = encodeFrame(pack, batch, 7)

    expect(end).toBe(7 + frameSize(pack))
    expect(batch.subarray(7, end)).toEqual(encodePack(pack))
    expect([...batch.subarray(0, 7), ...batch.subarray(end)].every((byte) => byte === 0xee)).toBe(true)
  })

  it.each([0, 1, 95, 96, 97, 5000])('copies a payload of %s bytes that lies inside other bytes', (size) => {
    const pack = new P2pPack(Kind.tell)
    pack.bytes = Uint8Array.from({ length: size + 20 }, (_, index) => index)
    pack.start = 13
    pack.end = 13 + size

    const decoded = decodeOne(encodePack(pack))

    expect(hex(decoded.payload)).toBe(hex(pack.payload))
  })
})
