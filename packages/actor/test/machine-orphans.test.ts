// xstate leaves the children of a crashed actor running: whatever crashes, all that was opened is disposed of.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type AnyActorLogic, createMachine, fromCallback, fromPromise, sendTo, spawnChild } from 'xstate'
import { at, FakeHost } from './fake-host.ts'
import { gate } from './promises.ts'

const boom = (): never => {
  throw new Error('boom')
}

let opened = 0
let disposed = 0

beforeEach(() => {
  opened = 0
  disposed = 0
})

/** Holds something while it lives. */
const holder = fromCallback(() => {
  opened++
  return () => {
    disposed++
  }
})

const crashing = { crash: { actions: boom } }
const passing = (id: string) => ({ crash: { actions: sendTo(id, { type: 'crash' }) } })

const families: Record<string, AnyActorLogic> = {
  'a machine that invokes': createMachine({ invoke: { src: holder }, on: crashing }),
  'a machine that spawns': createMachine({ entry: spawnChild(holder), on: crashing }),
  'a child that invokes, in a machine that does too': createMachine({
    invoke: [{ src: holder }, { id: 'child', src: createMachine({ invoke: { src: holder }, on: crashing }) }],
    on: passing('child'),
  }),
  'a machine whose child invokes': createMachine({
    invoke: { src: createMachine({ invoke: { src: holder } }) },
    on: crashing,
  }),
  'a callback itself': fromCallback(({ receive }) => {
    opened++
    receive((event) => event.type === 'crash' && boom())
    return () => {
      disposed++
    }
  }),
  'an entry action, with an invoked child of the same state': createMachine({
    initial: 'a',
    states: {
      a: { on: { crash: 'b' }, invoke: { src: holder } },
      b: { entry: boom, invoke: { src: holder } },
    },
  }),
}

describe('a crash of', () => {
  it.each(Object.entries(families))('%s disposes of all that was opened', async (_name, logic) => {
    const host = await FakeHost.with(logic, { restart: 'temporary' })
    const before = [opened > 0, disposed]

    await host.send({ type: 'crash' })

    expect(before).toEqual([true, 0])
    expect(disposed).toBe(opened)
    expect(host.crashes).toHaveLength(1)
  })

  it('an async action disposes of all that was opened', async () => {
    const logic = createMachine({
      invoke: [{ src: holder }, { src: createMachine({ invoke: { src: holder } }) }],
      on: { crash: { actions: () => Promise.reject(new Error('boom')) } },
    })
    const host = await FakeHost.with(logic, { restart: 'temporary' })

    await host.send({ type: 'crash' })

    expect([opened, disposed]).toEqual([2, 2])
  })

  it('an invoked promise aborts its siblings', async () => {
    let signal: AbortSignal | undefined
    const work = gate()
    const sibling = fromPromise(({ signal: given }) => {
      signal = given
      return gate().promise
    })
    const logic = createMachine({ invoke: [{ src: fromPromise(() => work.promise) }, { src: sibling }] })
    const host = await FakeHost.with(logic, { restart: 'temporary' })
    const before = signal?.aborted

    work.break(new Error('boom'))
    await host.clock.rest()

    expect([before, signal?.aborted]).toEqual([false, true])
  })

  it('a start disposes of what was opened before', async () => {
    const host = await FakeHost.with(
      createMachine({ invoke: [{ src: holder }, { src: fromCallback(boom) }] }),
      {
        restart: 'temporary',
      },
    )

    expect([opened, disposed, host.crashes.length]).toEqual([1, 1, 1])
  })

  it('a child that its parent takes care of disposes of the child’s children at once', async () => {
    const child = createMachine({ invoke: { src: holder }, on: crashing })
    const logic = createMachine({
      initial: 'a',
      states: { a: { invoke: { id: 'child', src: child, onError: 'b' }, on: passing('child') }, b: {} },
    })
    const host = await FakeHost.with(logic)

    await host.send({ type: 'crash' })

    expect([opened, disposed, host.crashes]).toEqual([1, 1, []])
    expect(host.supervisor.get(at(1))?.state).toBe('idle')
  })

  it('a disposer, while the others are run, is no crash of anybody else', async () => {
    // xstate's development build warns that the dead parent was told.
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    const bad = fromCallback(() => boom)
    const logic = createMachine({ invoke: [{ src: holder }, { src: bad }, { src: holder }], on: crashing })
    const host = await FakeHost.with(logic, { restart: 'temporary' })

    await host.send({ type: 'crash' })

    expect([opened, disposed, host.crashes.length]).toEqual([2, 2, 1])
  })

  it('a machine cancels its timers', async () => {
    const logic = createMachine({ after: { 5000: { actions: () => opened++ } }, on: crashing })
    const host = await FakeHost.with(logic, { restart: 'temporary' })

    await host.send({ type: 'crash' })
    await host.clock.advanceAsync(10_000)

    expect([opened, host.clock.timers]).toEqual([0, 0])
  })
})

describe('a name in the system', () => {
  const named = createMachine({
    initial: 'a',
    states: {
      a: { on: { go: 'b' } },
      b: {
        invoke: { src: holder, systemId: 'database' },
        initial: 'c',
        states: { c: { entry: ({ event }) => event.fail === true && boom() } },
      },
    },
  })

  it('given away in the very transition that crashed is free for the next incarnation', async () => {
    const host = await FakeHost.with(named)
    await host.send({ type: 'go', fail: true })
    await host.clock.advanceAsync(20)

    await host.send({ type: 'go' })

    expect(host.crashes).toEqual([new Error('boom')])
    expect([host.supervisor.get(at(1))?.state, opened]).toEqual(['idle', 1])
  })

  it('of a child of the crashed incarnation is free too', async () => {
    const logic = createMachine({ invoke: { src: holder, systemId: 'database' }, on: crashing })
    const host = await FakeHost.with(logic)

    await host.send({ type: 'crash' })
    await host.clock.advanceAsync(20)

    expect([host.crashes.length, host.supervisor.get(at(1))?.state]).toEqual([1, 'idle'])
    expect([opened, disposed]).toEqual([2, 1])
  })
})

describe('a normal end', () => {
  it.each([
    ['a stop', (host: FakeHost) => host.supervisor.stop(at(1), 'stopped')],
    ['a final state', (host: FakeHost) => host.send({ type: 'end' })],
  ])('by %s disposes of all that was opened', async (_name, end) => {
    const inner = createMachine({ invoke: { src: holder } })
    const logic = createMachine({
      invoke: [{ src: holder }, { src: inner }],
      initial: 'a',
      states: { a: { on: { end: 'b' } }, b: { type: 'final' } },
    })
    const host = await FakeHost.with(logic)

    await end(host)

    expect([opened, disposed, host.stopped]).toEqual([2, 2, [at(1)]])
  })

  it('by a stop survives a disposer that throws', async () => {
    const logic = createMachine({ invoke: [{ src: fromCallback(() => boom) }, { src: holder }] })
    const host = await FakeHost.with(logic)

    await host.supervisor.stop(at(1), 'stopped')

    expect([opened, disposed, host.stopped, host.crashes]).toEqual([1, 1, [at(1)], []])
  })
})
