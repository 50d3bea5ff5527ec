import { Kind } from '@p2pnet/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { batchBytesMax } from '../src/batch-pool.ts'
import { decodeAll, factsOf, packOf, tell } from './packs.ts'
import { QueueBench } from './queue-bench.ts'

const large = 3 * batchBytesMax + 1_000

let bench: QueueBench
const written = () => factsOf(decodeAll(bench.link.writes))

beforeEach(() => {
  bench = new QueueBench()
})

describe('clearing a write queue', () => {
  it('drops all that was not given to the link, and says how many bytes that were', () => {
    bench.queue.push(tell(1, 100))
    bench.queue.push(tell(2, large))
    bench.queue.push(tell(3, 50))
    bench.queue.pushControl(packOf(Kind.ping, 4, 32))

    const dropped = bench.queue.clear()
    bench.clock.settle()

    expect(dropped).toBe(100 + large + 50 + 32)
    expect([bench.queue.queuedBytes, bench.link.writes.length, bench.empties]).toEqual([0, 0, 1])
  })

  it('is nothing on an empty queue, any number of times', () => {
    expect([bench.queue.clear(), bench.queue.clear()]).toEqual([0, 0])
  })

  it('keeps what the link was lent', () => {
    bench.link.isBusy = true
    bench.queue.push(tell(1, 100))
    bench.clock.turn()
    bench.queue.push(tell(2, 70))

    const dropped = bench.queue.clear()
    bench.drain()

    expect([dropped, bench.queue.queuedBytes]).toEqual([70, 0])
    expect(written()).toEqual(['tell 1 76'])
  })

  it.each([0, 1, 2, 3])('ends a large frame that has begun, cleared after %i drains', (drains) => {
    bench.link.isBusy = true
    bench.queue.push(tell(1, large))
    bench.queue.push(tell(2, 200))
    bench.clock.turn()
    for (let times = 0; times < drains; times++) bench.drainOnce()

    const dropped = bench.queue.clear()
    bench.queue.push(tell(3, 60))
    bench.drain()

    expect([dropped, bench.queue.queuedBytes]).toEqual([200, 0])
    expect(written()).toEqual([`tell 1 ${large - 24}`, 'tell 3 36'])
  })

  it('leaves a queue that writes what follows', () => {
    bench.queue.push(tell(1))
    bench.queue.clear()

    bench.queue.push(tell(2))
    bench.clock.settle()

    expect(written()).toEqual(['tell 2 0'])
  })

  it('leaves a queue that writes what follows, also while it hands bytes over', () => {
    bench.onWrite = () => {
      bench.onWrite = () => {}
      bench.queue.clear()
      bench.queue.push(tell(3))
    }
    bench.queue.push(tell(1))
    bench.queue.push(tell(2, large))
    bench.clock.settle()

    expect(written()).toEqual(['tell 1 0', 'tell 3 0'])
  })
})
