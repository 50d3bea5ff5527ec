import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FrameDecoder } from '../src/frame-decoder.ts'
import { encodePack } from '../src/frame-encoder.ts'
import { anyPack, factsOf } from './any-pack.ts'
import { chunksOf, decodeChunks, join, takeAll } from './bytes.ts'

it('gives the same packs however the stream is cut', () => {
  const sizes = fc.infiniteStream(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 2000 })))
  fc.assert(
    fc.property(fc.array(anyPack, { minLength: 1, maxLength: 12 }), sizes, (packs, size) => {
      const bytes = join(...packs.map(encodePack))

      const decoded = decodeChunks(chunksOf(bytes, () => size.next().value))

      expect(decoded.map(factsOf)).toEqual(packs.map(factsOf))
    }),
    { numRuns: 1000 },
  )
})

it('throws nothing but wire errors, and holds no more than has come, whatever the bytes', () => {
  const frame = fc.tuple(anyPack, fc.nat(), fc.nat({ max: 255 })).map(([pack, at, byte]) => {
    const bytes = encodePack(pack)
    return bytes.with(at % Math.min(bytes.length, 24), byte)
  })
  fc.assert(
    fc.property(
      fc.array(fc.oneof(frame, fc.uint8Array({ maxLength: 80 }))),
      fc.integer({ min: 1, max: 40 }),
      (parts, size) => {
        const decoder = new FrameDecoder({ frameBytesMax: 4096 })
        let received = 0

        try {
          for (const chunk of chunksOf(join(...parts), () => size)) {
            received += chunk.length
            takeAll(decoder, chunk)
          }
        } catch (error) {
          expect(error).toMatchObject({
            name: 'WireError',
            code: expect.stringMatching(/^ERR_WIRE_BAD_|^ERR_WIRE_FRAME_/),
          })
        }

        expect(decoder.unfinishedBytes).toBeLessThanOrEqual(received)
      },
    ),
    { numRuns: 1000 },
  )
})
