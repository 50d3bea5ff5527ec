import { Kind } from '@p2pnet/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { batchBytesMax } from '../src/batch-pool.ts'
import { decodeAll, factOf, factsOf, packOf } from './packs.ts'
import { QueueBench } from './queue-bench.ts'

type Step =
  | { readonly kind: 'push'; readonly queueNo: number; readonly frameBytes: number }
  | { readonly kind: 'control'; readonly queueNo: number; readonly frameBytes: number }
  | { readonly kind: 'turn' }
  | { readonly kind: 'drain'; readonly queueNo: number }
  | { readonly kind: 'busy'; readonly queueNo: number }

const queueNo = fc.nat({ max: 1 })
const frameBytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 24, max: 2_000 }) },
  { weight: 2, arbitrary: fc.integer({ min: 20_000, max: batchBytesMax + 2 }) },
  { weight: 1, arbitrary: fc.integer({ min: batchBytesMax, max: 3 * batchBytesMax }) },
)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('push' as const), queueNo, frameBytes }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('control' as const),
      queueNo,
      frameBytes: fc.integer({ min: 24, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('drain' as const, 'busy' as const), queueNo }) },
)

/** Two queues, because they share a pool of buffers: what one lends, the other must not be given. */
class Run {
  readonly #clock = new SimClock()
  readonly #sides = Array.from({ length: 2 }, () => ({
    bench: new QueueBench({ writeQueueBytesMax: Number.MAX_SAFE_INTEGER, clock: this.#clock }),
    packs: [] as string[],
    controls: [] as string[],
  }))
  #no = 0

  step(step: Step): void {
    if (step.kind === 'turn') return this.#clock.turn()
    const side = this.#sides[step.queueNo]
    if (side === undefined) return
    if (step.kind === 'busy') side.bench.link.isBusy = true
    else if (step.kind === 'drain') side.bench.drainOnce()
    else if (step.kind === 'push') {
      const pack = packOf(Kind.tell, this.#no++, step.frameBytes)
      side.packs.push(factOf(pack))
      side.bench.queue.push(pack)
    } else {
      const pack = packOf(Kind.pong, this.#no++, step.frameBytes)
      if (side.bench.queue.pushControl(pack)) side.controls.push(factOf(pack))
    }
  }

  finish(): void {
    for (const { bench, packs, controls } of this.#sides) {
      bench.drain()
      this.#clock.settle()
      const written = factsOf(decodeAll(bench.link.writes))
      expect(written.filter((fact) => fact.startsWith('tell'))).toEqual(packs)
      expect(written.filter((fact) => fact.startsWith('pong'))).toEqual(controls)
      expect(Math.max(0, ...bench.link.writes.map((bytes) => bytes.length))).toBeLessThanOrEqual(
        batchBytesMax,
      )
      expect(bench.queue.queuedBytes).toBe(0)
    }
  }
}

it('writes every accepted pack whole and in order, however pushes, turns and drains interleave', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      const run = new Run()

      for (const step of steps) run.step(step)

      run.finish()
    }),
    { numRuns: 400 },
  )
})

it('writes a control frame ahead of every pack whose frame has not begun', () => {
  fc.assert(
    fc.property(
      fc.array(frameBytes, { minLength: 1, maxLength: 12 }),
      fc.nat({ max: 20 }),
      (sizes, drains) => {
        const bench = new QueueBench({ writeQueueBytesMax: Number.MAX_SAFE_INTEGER })
        bench.link.isBusy = true
        for (const [no, size] of sizes.entries()) bench.queue.push(packOf(Kind.tell, no, size))
        bench.clock.turn()
        for (let times = 0; times < drains; times++) bench.drainOnce()
        const bytesBegun = bench.written

        bench.queue.pushControl(packOf(Kind.pong, 99))
        bench.drain()

        const packs = decodeAll(bench.link.writes)
        const at = packs.findIndex((pack) => pack.kind === Kind.pong)
        const bytesBefore = packs.slice(0, at).reduce((sum, pack) => sum + pack.size + 24, 0)
        const lastBefore = packs[at - 1]
        const begunAt = bytesBefore - (lastBefore === undefined ? 0 : lastBefore.size + 24)
        expect(packs).toHaveLength(sizes.length + 1)
        // All that stands before it was written, or is the end of a frame of which some was.
        expect(begunAt).toBeLessThan(Math.max(1, bytesBegun))
      },
    ),
    { numRuns: 200 },
  )
})

it('drops whole frames only when it is cleared at any point', () => {
  fc.assert(
    fc.property(
      fc.array(anyStep, { maxLength: 40 }),
      fc.array(frameBytes, { maxLength: 5 }),
      (steps, later) => {
        const bench = new QueueBench({ writeQueueBytesMax: Number.MAX_SAFE_INTEGER })
        const accepted: number[] = []
        for (const [no, step] of steps.entries()) {
          if (step.kind === 'turn') bench.clock.turn()
          else if (step.kind === 'busy') bench.link.isBusy = true
          else if (step.kind === 'drain') bench.drainOnce()
          else {
            accepted.push(step.frameBytes)
            bench.queue.push(packOf(Kind.tell, no, step.frameBytes))
          }
        }

        const dropped = bench.queue.clear()
        for (const [no, size] of later.entries()) bench.queue.push(packOf(Kind.reply, no, size))
        bench.drain()

        const facts = factsOf(decodeAll(bench.link.writes))
        const sum = [...accepted, ...later].reduce((total, size) => total + size, 0)
        expect(facts.filter((fact) => fact.startsWith('reply'))).toEqual(
          later.map((size, no) => `reply ${no} ${size - 24}`),
        )
        expect(facts.filter((fact) => fact.endsWith('broken'))).toEqual([])
        expect(bench.written).toBe(sum - dropped)
      },
    ),
    { numRuns: 300 },
  )
})
