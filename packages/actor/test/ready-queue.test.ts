import { describe, expect, it, vi } from 'vitest'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { ReadyQueue, type Runnable } from '../src/ready-queue.ts'

const quantum = 64
const messagesPerTurn = 2_048

/** An actor with so many messages, each of which takes `ms`. */
function actorWith(
  queue: ReadyQueue,
  messages: number,
  onRun: (handled: number) => void = () => {},
): Runnable {
  let left = messages
  const runnable: Runnable = {
    run: (most) => {
      const handled = Math.min(most, left)
      left -= handled
      onRun(handled)
      if (left > 0) queue.add(runnable)
      return handled
    },
  }
  return runnable
}

it('runs nothing inside the call that adds', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const run = vi.fn(() => 1)

  queue.add({ run })
  const inside = run.mock.calls.length
  clock.turn()

  expect(inside).toBe(0)
  expect(run).toHaveBeenCalledTimes(1)
})

it('gives every actor a quantum before the first has its next', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const order: string[] = []
  queue.add(actorWith(queue, quantum + 1, (handled) => order.push(`a${handled}`)))
  queue.add(actorWith(queue, 2, (handled) => order.push(`b${handled}`)))

  clock.turn()

  expect(order).toEqual([`a${quantum}`, 'b2', 'a1'])
})

it('gives the event loop its turn after its budget of messages', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  let handled = 0
  const count = (more: number): void => {
    handled += more
  }
  queue.add(actorWith(queue, messagesPerTurn, count))
  queue.add(actorWith(queue, 100, count))

  clock.turn()
  const inFirstTurn = handled
  clock.turn()

  expect(inFirstTurn).toBe(messagesPerTurn)
  expect(handled).toBe(messagesPerTurn + 100)
})

it('counts an actor that handles nothing as one message, so that idle actors cannot hold the turn', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const run = vi.fn(() => 0)
  for (let index = 0; index <= messagesPerTurn; index++) queue.add({ run })

  clock.turn()
  const inFirstTurn = run.mock.calls.length
  clock.turn()

  expect(inFirstTurn).toBe(messagesPerTurn)
  expect(run).toHaveBeenCalledTimes(messagesPerTurn + 1)
})

it('gives the event loop its turn after its budget of time', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const ran: number[] = []
  const slow = (index: number): Runnable => ({
    run: () => {
      clock.stall(5)
      ran.push(index)
      return 1
    },
  })
  for (const index of [1, 2, 3]) queue.add(slow(index))

  clock.turn()
  const inFirstTurn = [...ran]
  clock.turn()

  expect(inFirstTurn).toEqual([1, 2])
  expect(ran).toEqual([1, 2, 3])
})

it('runs what is added during a run in the same run, and schedules no other', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const added = vi.fn(() => 1)
  queue.add({
    run: () => {
      queue.add({ run: added })
      return 1
    },
  })

  clock.turn()

  expect(added).toHaveBeenCalledTimes(1)
  expect(clock.isBusy).toBe(false)
})

it('does nothing when it is run from inside a run', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const order: string[] = []
  queue.add({
    run: () => {
      order.push('first begins')
      queue.run()
      order.push('first ends')
      return 1
    },
  })
  queue.add({ run: () => order.push('second') })

  clock.turn()

  expect(order).toEqual(['first begins', 'first ends', 'second'])
})

it('runs at once when it is asked to, and has nothing left for the turn it had scheduled', () => {
  const clock = new SimClock()
  const queue = new ReadyQueue(clock)
  const run = vi.fn(() => 1)
  queue.add({ run })

  queue.run()
  clock.settle()

  expect(run).toHaveBeenCalledTimes(1)
  expect(clock.isBusy).toBe(false)
})

describe('a runnable that throws, which is a bug of ours', () => {
  it('does not keep the others from running', () => {
    const clock = new SimClock()
    const queue = new ReadyQueue(clock)
    const run = vi.fn(() => 1)
    const bug = (): never => {
      throw new Error('a bug')
    }
    queue.add({ run: bug })
    queue.add({ run })

    expect(() => clock.turn()).toThrow('a bug')
    clock.turn()

    expect(run).toHaveBeenCalledTimes(1)
  })
})
