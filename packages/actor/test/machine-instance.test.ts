import { describe, expect, it } from 'vitest'
import { assign, createActor, createMachine, fromCallback, fromPromise, fromTransition } from 'xstate'
import { instanceOf } from '../src/machine-instance.ts'
import { reply } from '../src/xstate-actions.ts'
import { at, FakeHost } from './fake-host.ts'
import { gate } from './promises.ts'

type Event = Record<string, unknown> & { type: string }

/** Keeps every event it gets; replies with its input. */
const recorder = (events: Event[]) =>
  createMachine({
    context: ({ input }) => ({ input }),
    on: {
      '*': { actions: [({ event }) => events.push(event), reply(({ context }) => context.input)] },
    },
  })

describe('a message to a machine', () => {
  it('arrives as an event, stamped with its sender', async () => {
    const events: Event[] = []
    const host = await FakeHost.with(recorder(events))

    await host.send({ type: 'join', name: 'Ada' })

    expect(events).toEqual([{ type: 'join', name: 'Ada', p2p: { from: { endType: 9, endNo: 9 } } }])
    expect(host).toMatchObject({ accepted: 1, delivered: 1, missing: 0 })
  })

  it('that is an ask carries its ticket, and the input is at hand', async () => {
    const events: Event[] = []
    const host = await FakeHost.with(recorder(events), { input: { room: 7 } })

    const record = await host.request({ type: 'join' })

    const ticket = { end: { endType: 1, endNo: 1 }, tag: host.tag, ask: 1 }
    expect(events[0]?.p2p).toEqual({ from: { endType: 9, endNo: 9 }, ask: ticket })
    expect(record.outcome).toEqual({ reply: { room: 7 } })
  })

  it.each([[{ hello: 1 }], ['text'], [42], [null], [undefined], [[1, 2]], [{}]])(
    'without a type (%j) arrives as { type: message, message }',
    async (value) => {
      const events: Event[] = []
      const host = await FakeHost.with(recorder(events))

      await host.send(value)

      expect(events).toEqual([{ type: 'message', message: value, p2p: { from: { endType: 9, endNo: 9 } } }])
    },
  )

  it('leaves the sender’s own value as it was', async () => {
    const host = await FakeHost.with(recorder([]))
    const value = Object.freeze({ type: 'join' })

    const record = await host.request(value)

    expect(record.ends).toBe(1)
    expect(value).toEqual({ type: 'join' })
  })
})

describe('any xstate logic', () => {
  it('may be spawned: fromTransition keeps its state between messages', async () => {
    const states: number[] = []
    const logic = fromTransition((state: number, event: { type: string; by?: number }) => {
      states.push(state)
      return state + (event.by ?? 0)
    }, 10)
    const host = await FakeHost.with(logic)

    await host.send({ type: 'add', by: 5 })
    await host.send({ type: 'add', by: 1 })

    expect(states).toEqual([10, 15])
    expect(host).toMatchObject({ delivered: 2, missing: 0 })
  })

  it('may be spawned: fromPromise ends normally when it resolves', async () => {
    const work = gate()
    const host = await FakeHost.with(fromPromise(() => work.promise))
    const record = await host.request({ type: 'how far?' })
    const before = host.supervisor.get(at(1))?.state

    work.open('done')
    await host.clock.rest()

    expect([before, record.outcome, host.stopped]).toEqual(['idle', 'ERR_ASK_ABORTED', [at(1)]])
    expect([host.crashes, host.missing]).toEqual([[], 0])
  })

  it('may be spawned: fromPromise that rejects is a crash', async () => {
    const host = await FakeHost.with(fromPromise(() => Promise.reject(new Error('boom'))))

    expect(host.crashes).toEqual([new Error('boom')])
    expect(host.supervisor.get(at(1))?.state).toBe('backing off')
  })

  it('may be spawned: fromCallback receives messages and is disposed of when it stops', async () => {
    const seen: unknown[] = []
    const logic = fromCallback(({ receive }) => {
      receive((event) => seen.push(event.type))
      return () => seen.push('disposed')
    })
    const host = await FakeHost.with(logic)

    await host.send({ type: 'ping' })
    await host.supervisor.stop(at(1), 'stopped')

    expect(seen).toEqual(['ping', 'disposed'])
    expect(host.stopped).toEqual([at(1)])
  })
})

describe('the end of a machine', () => {
  const onceDone = createMachine({
    initial: 'open',
    states: {
      open: { on: { last: 'over', wait: {}, bye: { target: 'over', actions: reply('goodbye') } } },
      over: { type: 'final' },
    },
  })

  it('is normal when it reaches a final state, and ends its open asks', async () => {
    const host = await FakeHost.with(onceDone)
    const waiting = await host.request({ type: 'wait' })
    const last = host.begin(at(1), { type: 'last' })
    const queued = host.begin(at(1), { type: 'wait' })

    await host.clock.rest()

    expect([waiting, last, queued].map((record) => record.outcome)).toEqual([
      'ERR_ASK_ABORTED',
      'ERR_ASK_ABORTED',
      'ERR_ASK_NO_ROUTE',
    ])
    expect([host.crashes, host.stopped, host.deadLetters]).toEqual([[], [at(1)], ['stopped']])
    expect(host).toMatchObject({ accepted: 3, delivered: 2, missing: 0 })
  })

  it('comes after the reply of its last message', async () => {
    const host = await FakeHost.with(onceDone)

    const record = await host.request({ type: 'bye' })

    expect([record.outcome, record.ends, host.stopped]).toEqual([{ reply: 'goodbye' }, 1, [at(1)]])
  })

  it.each([
    ['permanent', 'backing off'],
    ['transient', undefined],
    ['temporary', undefined],
  ] as const)('is followed, for a %s one, by the state %s', async (restart, state) => {
    const host = await FakeHost.with(onceDone, { restart })

    await host.send({ type: 'last' })

    expect(host.supervisor.get(at(1))?.state).toBe(state)
  })

  it('may come at its very start', async () => {
    const host = await FakeHost.with(createMachine({ initial: 'a', states: { a: { type: 'final' } } }))

    expect([host.crashes, host.stopped]).toEqual([[], [at(1)]])
  })

  it('may come between messages', async () => {
    const logic = createMachine({
      initial: 'a',
      states: { a: { after: { 100: 'b' } }, b: { type: 'final' } },
    })
    const host = await FakeHost.with(logic)
    const record = await host.request({ type: 'wait' })

    await host.clock.advanceAsync(100)

    expect([record.outcome, host.crashes, host.stopped]).toEqual(['ERR_ASK_ABORTED', [], [at(1)]])
  })
})

it('is made anew with a fresh context at every restart', async () => {
  const logic = createMachine({
    context: { count: 0 },
    on: {
      count: {
        actions: [
          assign({ count: ({ context }) => context.count + 1 }),
          reply(({ context }) => context.count),
        ],
      },
      crash: {
        actions: () => {
          throw new Error('boom')
        },
      },
    },
  })
  const host = await FakeHost.with(logic)
  await host.send({ type: 'count' })
  await host.send({ type: 'crash' })
  await host.clock.advanceAsync(20)

  const record = await host.request({ type: 'count' })

  expect(record.outcome).toEqual({ reply: 1 })
})

it('finds the instance of an actor and of what it invokes, and none outside of a net', async () => {
  const found: unknown[] = []
  const child = createMachine({ entry: ({ self }) => found.push(instanceOf(self)?.cell.end) })
  const logic = createMachine({
    invoke: { src: child },
    entry: ({ self }) => found.push(instanceOf(self)?.cell.end),
  })

  await FakeHost.with(logic)

  expect(found).toEqual([at(1), at(1)])
  expect(instanceOf(createActor(logic))).toBeUndefined()
})
