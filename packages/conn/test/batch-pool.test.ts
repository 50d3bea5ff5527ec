import { expect, it } from 'vitest'
import { batchBytesMax, returnBatch, takeBatch } from '../src/batch-pool.ts'

it.each([
  [0, 1_024],
  [1, 1_024],
  [1_024, 1_024],
  [1_025, 2_048],
  [32_769, 65_536],
  [batchBytesMax, batchBytesMax],
  [batchBytesMax * 4, batchBytesMax],
])('has for %d bytes a buffer of %d', (bytes, expected) => {
  expect(takeBatch(bytes).length).toBe(expected)
})

it('gives out again what was given back, for the same size only', () => {
  const small = takeBatch(4_096)
  returnBatch(small)

  const other = takeBatch(8_192)
  const same = takeBatch(4_096)

  expect(same).toBe(small)
  expect(other).not.toBe(small)
})

it('gives a buffer to one taker at a time', () => {
  const taken = Array.from({ length: 50 }, () => takeBatch(16_384))

  expect(new Set(taken).size).toBe(50)
})

it('keeps at most 32 spare buffers per size', () => {
  const taken = Array.from({ length: 40 }, () => takeBatch(32_768))
  for (const batch of taken) returnBatch(batch)

  const again = Array.from({ length: 40 }, () => takeBatch(32_768))

  expect(again.filter((batch) => taken.includes(batch)).length).toBe(32)
})
