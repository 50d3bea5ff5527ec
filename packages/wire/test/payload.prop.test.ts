// Fuzzing: what the pre-scan accepts, the decoder takes. P2PNET_FUZZ_RUNS says how many inputs (100,000),
// P2PNET_FUZZ_SEED replays a run.
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodePayload, decodeScannedPayload, encodePayload } from '../src/payload.ts'
import { scanPayload } from '../src/payload-scan.ts'
import { hex } from './bytes.ts'
import { PayloadForge } from './payload-forge.ts'
import { decodePlain } from './plain-msgpack.ts'

const limits = { depthMax: 32, nodesMax: 50_000, keysMax: 2000 }
const runs = Number(process.env.P2PNET_FUZZ_RUNS ?? 100_000)
const seed = Number(process.env.P2PNET_FUZZ_SEED ?? Math.floor(Math.random() * 2 ** 32))
const timeoutMs = 30_000 + runs / 10

const spanOf = (bytes: Uint8Array) => ({ bytes, start: 0, end: bytes.length })

/** One input: whole, with something hostile in it, mutated, or noise. Half of them are Buffers, as sockets give. */
function forged(forge: PayloadForge, run: number): Uint8Array {
  return run % 16 < 8 ? Buffer.from(forgedBytes(forge, run)) : forgedBytes(forge, run)
}

function forgedBytes(forge: PayloadForge, run: number): Uint8Array {
  if (run % 8 === 0) return forge.noise()
  if (run % 8 === 1) return forge.payload(0.05)
  return forge.mutated(forge.payload(0))
}

it(
  `accepts no payload that makes the decoder throw, of ${runs} forged ones`,
  () => {
    const forge = new PayloadForge(seed)
    let accepted = 0

    for (let run = 0; run < runs; run++) {
      const payload = spanOf(forged(forge, run))
      if (scanPayload(payload, limits) !== undefined) continue
      accepted++
      try {
        decodeScannedPayload(payload)
      } catch (error) {
        expect.fail(`seed ${seed}, run ${run}, ${hex(payload.bytes)} is accepted, but: ${String(error)}`)
      }
    }

    console.log(`fuzz: seed ${seed}, ${accepted} of ${runs} accepted, none made the decoder throw`)
    expect(accepted).toBeGreaterThan(runs / 5)
    expect(accepted).toBeLessThan((runs * 4) / 5)
  },
  timeoutMs,
)

it(
  'decodes every well-formed payload to what a plain decoder yields',
  () => {
    const forge = new PayloadForge(seed)

    for (let run = 0; run < runs / 10; run++) {
      const bytes = forge.payload(0)
      const ours = decodePayload(spanOf(bytes), limits)
      if (isDeepStrictEqual(ours, decodePlain(bytes))) continue
      expect(ours, `seed ${seed}, run ${run}, ${hex(bytes)}`).toEqual(decodePlain(bytes))
    }
  },
  timeoutMs,
)

it('gives every plain value back, and a plain decoder reads it too', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.double().filter((value) => !Object.is(value, -0)),
    fc.integer(),
    fc.bigInt({ min: 2n ** 53n + 1n, max: 2n ** 64n - 1n }),
    fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) - 1n }),
    fc.constantFrom(null, true, false),
    fc.uint8Array({ maxLength: 300 }),
    fc.date({ noInvalidDate: true }),
  )
  const key = fc.string({ maxLength: 40 }).filter((name) => name !== '__proto__')
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc.array(tie('value'), { maxLength: 20 }),
      fc.dictionary(key, tie('value'), { maxKeys: 20, noNullPrototype: true }),
    ),
  }))

  fc.assert(
    fc.property(value, (original) => {
      const bytes = encodePayload(original)

      const decoded = decodePayload(spanOf(bytes), limits)

      expect(decoded).toEqual(original)
      expect(decodePlain(bytes)).toEqual(original)
    }),
    { numRuns: 500 },
  )
})
