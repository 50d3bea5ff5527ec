import { expect, it } from 'vitest'
import { batchBytesMax } from '../src/batch-pool.ts'
import { decodeAll, factsOf, tell } from './packs.ts'
import { QueueBench } from './queue-bench.ts'

it('loses nothing when whoever is told of a write queues more', () => {
  const bench = new QueueBench()
  const count = (3 * batchBytesMax) / 1_000
  const shared = tell(0, 1_000)
  let told = 0
  bench.onWrite = () => {
    // One pack for all, as the messenger has.
    shared.callSeq = 1_000_000 + told
    if (told++ < 3) bench.queue.push(shared)
  }

  for (let no = 0; no < 2 * count; no++) {
    shared.callSeq = no
    bench.queue.push(shared)
  }
  bench.clock.settle()

  const seqs = decodeAll(bench.link.writes).map((pack) => pack.callSeq)
  expect(factsOf(decodeAll(bench.link.writes))).toHaveLength(Math.ceil(2 * count) + 3)
  expect(new Set(seqs).size).toBe(seqs.length)
  expect(bench.queue.queuedBytes).toBe(0)
})
