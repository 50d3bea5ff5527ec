// Every way in which a machine crashes: each is the crash of its actor, once, and of nothing else.
import { describe, expect, it } from 'vitest'
import { assign, createMachine, fromCallback, fromPromise, fromTransition, sendTo, spawnChild } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import { reply } from '../src/xstate-actions.ts'
import { at, FakeHost } from './fake-host.ts'
import { thrown } from './promises.ts'

const boom = (): never => {
  throw new Error('boom')
}

const other = fromHandler(() => 'fine')

const byMessage = {
  'an action': createMachine({ on: { crash: { actions: boom } } }),
  'a guard': createMachine({
    initial: 'a',
    states: { a: { on: { crash: { guard: boom, target: 'b' } } }, b: {} },
  }),
  'an assign': createMachine({ on: { crash: { actions: assign(boom) } } }),
  'an entry action': createMachine({
    initial: 'a',
    states: { a: { on: { crash: 'b' } }, b: { entry: boom } },
  }),
  'an exit action': createMachine({ initial: 'a', states: { a: { on: { crash: 'b' }, exit: boom }, b: {} } }),
  'an eventless transition': createMachine({
    initial: 'a',
    states: { a: { on: { crash: 'b' } }, b: { always: { guard: boom, target: 'a' } } },
  }),
  'a reducer': fromTransition(boom, 0),
  'a receiver of a callback': fromCallback(({ receive }) => receive(boom)),
  'the start of a child': createMachine({
    on: { crash: { actions: spawnChild(createMachine({ entry: boom })) } },
  }),
  'a child that gets an event': createMachine({
    invoke: { id: 'child', src: createMachine({ on: { crash: { actions: boom } } }) },
    on: { crash: { actions: sendTo('child', { type: 'crash' }) } },
  }),
}

describe('a message that crashes', () => {
  it.each(Object.entries(byMessage))('%s crashes its actor and is answered so', async (_name, logic) => {
    const host = await FakeHost.with(logic)
    host.spawn(2, other)
    const crashing = host.begin(at(1), { type: 'crash' })
    const queued = host.begin(at(1), { type: 'next' })

    await host.clock.rest()
    const fine = await host.request('hello', 2)

    expect(crashing).toMatchObject({ ends: 1, outcome: 'ERR_ASK_ACTOR_CRASHED' })
    expect([queued.outcome, fine.outcome]).toEqual(['open', { reply: 'fine' }])
    expect(host.crashes).toEqual([expect.objectContaining({ message: expect.stringContaining('boom') })])
    expect(host.deadLetters).toEqual(['crashed'])
    expect(host.supervisor.get(at(1))?.state).toBe('backing off')
    expect(host.missing).toBe(0)
  })

  it.each(thrown)('a machine with %s crashes it once, whatever that is', async (_name, error) => {
    const logic = createMachine({
      on: {
        crash: {
          actions: () => {
            throw error
          },
        },
      },
    })
    const host = await FakeHost.with(logic)

    const record = await host.request({ type: 'crash' })

    expect(record.outcome).toBe('ERR_ASK_ACTOR_CRASHED')
    expect(host.crashes).toHaveLength(1)
    expect(Object.is(host.crashes[0], error)).toBe(true)
  })

  it('after it has replied leaves the reply as the answer', async () => {
    const host = await FakeHost.with(createMachine({ on: { crash: { actions: [reply('first'), boom] } } }))

    const record = await host.request({ type: 'crash' })

    expect(record).toMatchObject({ ends: 1, outcome: { reply: 'first' } })
    expect([host.deadLetters, host.missing]).toEqual([['crashed'], 0])
  })

  it('ends the asks that the machine still had to answer', async () => {
    const host = await FakeHost.with(createMachine({ on: { wait: {}, crash: { actions: boom } } }))
    const waiting = await host.request({ type: 'wait' })

    await host.send({ type: 'crash' })

    expect(waiting).toMatchObject({ ends: 1, outcome: 'ERR_ASK_ACTOR_CRASHED' })
  })
})

const atStart = {
  'an entry action': createMachine({ entry: boom }),
  'the context': createMachine({ context: boom }),
  'a callback': fromCallback(boom),
  'the initial state of a reducer': fromTransition((state: number) => state, boom as () => number),
  'a promise that is never made': fromPromise(boom),
  'an invoked child': createMachine({ invoke: { src: fromCallback(boom) } }),
}

describe('a start that crashes', () => {
  it.each(Object.entries(atStart))('%s is a crash, and messages wait', async (_name, logic) => {
    const host = await FakeHost.with(logic)
    host.spawn(2, other)

    const record = await host.request({ type: 'hello' })
    const fine = await host.request('hello', 2)
    const before = [record.outcome, fine.outcome, host.crashes.length, host.inFlight]
    await host.clock.advanceAsync(20)

    expect(before).toEqual(['open', { reply: 'fine' }, 1, 1])
    expect(host.crashes).toEqual([new Error('boom'), new Error('boom')])
    expect(host.missing).toBe(0)
  })
})

const betweenMessages = {
  'a timer': createMachine({ after: { 100: { actions: boom } } }),
  'an invoked promise': createMachine({
    after: { 100: '.b' },
    initial: 'a',
    states: { a: {}, b: { invoke: { src: fromPromise(() => Promise.reject(new Error('boom'))) } } },
  }),
  'a timer of an invoked child': createMachine({
    invoke: { src: createMachine({ after: { 100: { actions: boom } } }) },
  }),
  'a timer of a grandchild': createMachine({
    invoke: { src: createMachine({ invoke: { src: createMachine({ after: { 100: { actions: boom } } }) } }) },
  }),
  'a timer of a spawned child': createMachine({
    entry: spawnChild(createMachine({ after: { 100: { actions: boom } } })),
  }),
}

describe('a crash between messages', () => {
  it.each(Object.entries(betweenMessages))('%s ends open asks and is restarted', async (_name, logic) => {
    const host = await FakeHost.with(logic, { backoff: { minMs: 50 } })
    const record = await host.request({ type: 'wait' })

    await host.clock.advanceAsync(100)
    const before = [host.crashes, record.outcome, record.ends, host.supervisor.get(at(1))?.state]
    await host.clock.advanceAsync(50)

    expect(before).toEqual([[new Error('boom')], 'ERR_ASK_ACTOR_CRASHED', 1, 'backing off'])
    expect([host.restarts, host.supervisor.get(at(1))?.state]).toEqual([1, 'idle'])
    expect(host).toMatchObject({ delivered: 1, missing: 0 })
  })

  it('of a child that its parent takes care of is no crash of the actor', async () => {
    const logic = createMachine({
      invoke: { src: createMachine({ after: { 100: { actions: boom } } }), onError: { actions: () => {} } },
    })
    const host = await FakeHost.with(logic)

    await host.clock.advanceAsync(100)

    expect([host.crashes, host.supervisor.get(at(1))?.state]).toEqual([[], 'idle'])
  })

  it.each([
    ['permanent', 1],
    ['transient', 1],
    ['temporary', 0],
  ] as const)('of a %s actor is restarted %s times', async (restart, restarts) => {
    const host = await FakeHost.with(betweenMessages['a timer'], { restart })

    await host.clock.advanceAsync(150)

    expect([host.crashes.length, host.restarts]).toEqual([1, restarts])
    expect(host.supervisor.get(at(1)) === undefined).toBe(restarts === 0)
  })
})
