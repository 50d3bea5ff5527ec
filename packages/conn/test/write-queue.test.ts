import { Kind } from '@p2pnet/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { batchBytesMax } from '../src/batch-pool.ts'
import { control, decodeAll, factsOf, packOf, reply, tell } from './packs.ts'
import { QueueBench } from './queue-bench.ts'

const large = 3 * batchBytesMax + 1_000

let bench: QueueBench
const written = () => factsOf(decodeAll(bench.link.writes))
const sizes = () => bench.link.writes.map((bytes) => bytes.length)

beforeEach(() => {
  bench = new QueueBench()
})

describe('a write queue', () => {
  it('writes nothing within the turn that queues', () => {
    bench.queue.push(tell(1))

    expect(bench.link.writes).toEqual([])
    expect(bench.queue.queuedBytes).toBe(24)
  })

  it('writes all packs of a turn at once', () => {
    for (let no = 0; no < 10; no++) bench.queue.push(tell(no, 100))
    bench.clock.turn()

    expect(sizes()).toEqual([1_000])
    expect(written()).toEqual(Array.from({ length: 10 }, (_, no) => `tell ${no} 76`))
    expect([bench.queue.queuedBytes, bench.written, bench.empties]).toEqual([0, 1_000, 1])
  })

  it('makes room for as much as the last turn wrote, so that a busy turn too is one write', () => {
    const writes: number[] = []

    for (let turn = 0; turn < 3; turn++) {
      for (let no = 0; no < 500; no++) bench.queue.push(tell(no, 100))
      bench.clock.turn()
      writes.push(bench.link.writes.length)
    }

    expect(writes).toEqual([2, 3, 4])
  })

  it('writes what a second turn queues with a second write', () => {
    bench.queue.push(tell(1, 40))
    bench.clock.turn()
    bench.queue.push(tell(2, 50))
    bench.clock.turn()

    expect(sizes()).toEqual([40, 50])
  })

  it('copies a payload: the bytes are the callers again', () => {
    const pack = tell(1, 1_000)
    bench.queue.push(pack)

    pack.payload.fill(0)
    bench.clock.turn()

    expect(written()).toEqual(['tell 1 976'])
  })

  it.each([
    ['of 64 KiB in one', batchBytesMax, [batchBytesMax]],
    ['over 64 KiB in pieces', batchBytesMax + 1, [batchBytesMax, 1]],
    ['of three pieces and a rest in four', large, [batchBytesMax, batchBytesMax, batchBytesMax, 1_000]],
  ])('hands over a frame %s', (_, frameBytes, pieces) => {
    bench.queue.push(tell(1, frameBytes))
    bench.clock.turn()

    expect(sizes()).toEqual(pieces)
    expect(written()).toEqual([`tell 1 ${frameBytes - 24}`])
  })

  it('never writes more than 64 KiB at once, however much a turn queues', () => {
    for (let no = 0; no < 200; no++) bench.queue.push(tell(no, 24 + no * 97))
    bench.clock.turn()

    expect(Math.max(...sizes())).toBeLessThanOrEqual(batchBytesMax)
    expect(written()).toHaveLength(200)
  })

  it('keeps the order of small packs around a large one', () => {
    bench.queue.push(tell(1))
    bench.queue.push(tell(2, large))
    bench.queue.push(tell(3))
    bench.clock.turn()

    expect(written()).toEqual(['tell 1 0', `tell 2 ${large - 24}`, 'tell 3 0'])
  })

  it('writes what is queued while it hands bytes over', () => {
    bench.onWrite = () => {
      bench.onWrite = () => {}
      bench.queue.push(tell(2))
    }
    bench.queue.push(tell(1))
    bench.clock.settle()

    expect(written()).toEqual(['tell 1 0', 'tell 2 0'])
    expect([bench.queue.queuedBytes, bench.empties]).toEqual([0, 1])
  })
})

describe('the control frames of a write queue', () => {
  it('go ahead of all packs that wait, in their own order', () => {
    bench.queue.push(tell(1))
    bench.queue.pushControl(packOf(Kind.ping, 2))
    bench.queue.push(tell(3))
    bench.queue.pushControl(packOf(Kind.pong, 4))
    bench.clock.turn()

    expect(written()).toEqual(['ping 2 0', 'pong 4 0', 'tell 1 0', 'tell 3 0'])
  })

  it('never go into the middle of a large frame', () => {
    bench.link.isBusy = true
    bench.queue.push(tell(1, large))
    bench.queue.push(tell(2))
    bench.clock.turn()

    bench.queue.pushControl(packOf(Kind.ping, 3))
    bench.drain()

    expect(written()).toEqual([`tell 1 ${large - 24}`, 'ping 3 0', 'tell 2 0'])
  })

  it('go ahead of a large frame that has not begun', () => {
    bench.queue.push(tell(1, large))
    bench.queue.pushControl(packOf(Kind.ping, 2))
    bench.clock.turn()

    expect(written()[0]).toBe('ping 2 0')
  })

  it('are refused when 64 KiB of them wait, and taken again when they are written', () => {
    bench.link.isBusy = true
    bench.queue.push(tell(0))
    bench.clock.turn()
    let taken = 0
    while (bench.queue.pushControl(control(Kind.pong))) taken++
    const queued = bench.queue.queuedBytes

    bench.drain()

    expect(taken).toBe(Math.floor(batchBytesMax / 24))
    expect(queued).toBe(24 + taken * 24)
    expect(bench.queue.pushControl(control(Kind.pong))).toBe(true)
  })
})

describe('a write queue over a busy link', () => {
  beforeEach(() => {
    bench.link.isBusy = true
  })

  it('writes nothing before the link has drained, then all that has gathered at once', () => {
    bench.queue.push(tell(1))
    bench.clock.turn()
    for (let no = 2; no < 40; no++) bench.queue.push(tell(no))
    bench.clock.settle()
    const before = bench.link.writes.length

    bench.drain()

    expect([before, bench.link.writes.length]).toEqual([1, 2])
    expect(written()).toHaveLength(39)
  })

  it('counts bytes as queued until the link has handed them over', () => {
    bench.queue.push(tell(1, 100))
    bench.clock.turn()
    const before = bench.queue.queuedBytes

    bench.drain()

    expect([before, bench.queue.queuedBytes, bench.empties]).toEqual([100, 0, 1])
  })

  it('is empty only after the last drain', () => {
    bench.queue.push(tell(1, large))
    bench.clock.turn()
    const empties: number[] = []
    for (let times = 0; times < 4; times++) {
      empties.push(bench.empties)
      bench.drainOnce()
    }

    expect(empties).toEqual([0, 0, 0, 0])
    expect(bench.empties).toBe(1)
  })
})

describe('the room of a write queue', () => {
  it('ends for new work at the limit', () => {
    bench = new QueueBench({ writeQueueBytesMax: 1_000 })

    const results = [tell(1, 600), tell(2, 400), tell(3, 24)].map((pack) => bench.queue.offer(pack))

    expect(results).toEqual(['sent', 'sent', 'full'])
    expect(bench.queue.queuedBytes).toBe(1_000)
  })

  it.each([
    ['node', Kind.reply, 2_000],
    ['node', Kind.fail, 2_000],
    ['client', Kind.reply, 1_000],
    ['client', Kind.fail, 1_000],
  ] as const)('ends on %s links for answers (kind %i) at %i bytes', (linkClass, kind, bytesMax) => {
    bench = new QueueBench({ writeQueueBytesMax: 1_000, linkClass })
    bench.queue.offer(tell(1, 600))

    const results = [bytesMax - 700, 100, 24].map((bytes, no) => bench.queue.offer(packOf(kind, no, bytes)))

    expect(results).toEqual(['sent', 'sent', 'full'])
    expect(bench.queue.queuedBytes).toBe(bytesMax)
  })

  it('is there again when the link has drained', () => {
    bench = new QueueBench({ writeQueueBytesMax: 1_000 })
    bench.queue.offer(tell(1, 1_000))
    bench.clock.turn()

    expect(bench.queue.offer(tell(2, 1_000))).toBe('sent')
  })

  it('is nothing for a frame over the limit, which is measured without its length field', () => {
    bench.queue.setFrameBytesMax(2_000)

    expect(bench.queue.offer(tell(1, 2_004))).toBe('sent')
    expect(bench.queue.offer(tell(2, 2_005))).toBe('too_large')
    expect(bench.queue.offer(reply(3, 2_005))).toBe('too_large')
  })

  it('does not bind what is pushed', () => {
    bench = new QueueBench({ writeQueueBytesMax: 1_000 })

    bench.queue.push(tell(1, 5_000))
    bench.clock.turn()

    expect(written()).toEqual(['tell 1 4976'])
  })
})
