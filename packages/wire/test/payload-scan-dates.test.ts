// Dates that could be decoded and never be sent on are refused at the border.
import { describe, expect, it } from 'vitest'
import { scanPayload } from '../src/payload-scan.ts'

describe('a timestamp with nanoseconds', () => {
  const stamp = (seconds: bigint, nanos = 0): Uint8Array => {
    const bytes = new Uint8Array(15)
    const view = new DataView(bytes.buffer)
    bytes.set([0xc7, 12, 0xff])
    view.setUint32(3, nanos)
    view.setBigInt64(7, seconds)
    return bytes
  }
  const lastSecond = 8_640_000_000_000n

  it.each([
    [lastSecond, 0, undefined],
    [-lastSecond, 0, undefined],
    [lastSecond, 1, 'an extension'],
    [lastSecond + 1n, 0, 'an extension'],
    [-lastSecond - 1n, 0, 'an extension'],
    [2n ** 63n - 1n, 0, 'an extension'],
    [-(2n ** 63n), 0, 'an extension'],
  ])('of %d s and %d ns is refused unless a Date can hold it', (seconds, nanos, fault) => {
    const bytes = stamp(seconds, nanos)

    const found = scanPayload(
      { bytes, start: 0, end: bytes.length },
      { depthMax: 4, nodesMax: 4, keysMax: 4 },
    )

    expect(found).toBe(fault)
  })
})
