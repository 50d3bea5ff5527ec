import { expect, it } from 'vitest'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { Sweep, type Swept } from '../src/sweep.ts'

class Visited implements Swept {
  readonly sweeps: number[] = []
  readonly forgiven: number[] = []
  onSweep: () => void = () => {}

  sweep(nowMs: number): void {
    this.sweeps.push(nowMs)
    this.onSweep()
  }

  forgive(lateMs: number): void {
    this.forgiven.push(lateMs)
  }
}

it('visits every 250 ms what was added', () => {
  const clock = new SimClock()
  const visited = new Visited()
  new Sweep(clock).add(visited)

  clock.advance(1_000)

  expect(visited.sweeps).toEqual([250, 500, 750, 1_000])
  expect(visited.forgiven).toEqual([])
})

it('forgives its lateness before it looks, once', () => {
  const clock = new SimClock()
  const visited = new Visited()
  new Sweep(clock).add(visited)

  clock.stall(5_250)
  clock.advance(250)

  expect(visited.forgiven).toEqual([5_000])
  expect(visited.sweeps).toEqual([5_250, 5_500])
})

it('does not call a delay shorter than its interval a stall', () => {
  const clock = new SimClock()
  const visited = new Visited()
  new Sweep(clock).add(visited)

  clock.stall(500)
  clock.advance(0)

  expect(visited.sweeps).toEqual([500])
  expect(visited.forgiven).toEqual([])
})

it('has one timer for all, and none while there is nothing to visit', () => {
  const clock = new SimClock()
  const sweep = new Sweep(clock)
  const visited = [new Visited(), new Visited(), new Visited()]
  const timers = [clock.timers]

  for (const each of visited) sweep.add(each)
  timers.push(clock.timers)
  clock.advance(600)
  timers.push(clock.timers)
  for (const each of visited) sweep.delete(each)
  clock.advance(250)
  timers.push(clock.timers)

  expect(timers).toEqual([0, 1, 1, 0])
})

it('starts again with what is added later', () => {
  const clock = new SimClock()
  const sweep = new Sweep(clock)
  const first = new Visited()
  sweep.add(first)
  sweep.delete(first)
  clock.advance(1_000)
  const second = new Visited()

  sweep.add(second)
  clock.advance(250)

  expect([first.sweeps, second.sweeps]).toEqual([[], [1_250]])
})

it('does not visit what an earlier visit of the same sweep deleted', () => {
  const clock = new SimClock()
  const sweep = new Sweep(clock)
  const [first, second] = [new Visited(), new Visited()]
  first.onSweep = () => sweep.delete(second)
  sweep.add(first)
  sweep.add(second)

  clock.advance(250)

  expect([first.sweeps.length, second.sweeps.length]).toEqual([1, 0])
})
