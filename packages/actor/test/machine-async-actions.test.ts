// xstate drops what an action returns: an async one that fails must be the crash of the right actor all the same.
import { afterEach, beforeEach, expect, it } from 'vitest'
import { assign, createMachine, enqueueActions, sendTo, setup, spawnChild } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost } from './fake-host.ts'
import { gate } from './promises.ts'

const fail = async (): Promise<never> => {
  throw new Error('boom')
}

const unhandled: unknown[] = []
const onUnhandled = (error: unknown): void => {
  unhandled.push(error)
}

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', onUnhandled)
})

afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
})

const child = createMachine({ on: { go: { actions: fail } } })
const grandchild = createMachine({
  invoke: { id: 'child', src: child },
  on: { go: { actions: sendTo('child', { type: 'go' }) } },
})

const rejecting = {
  'its own inline action': createMachine({ on: { go: { actions: fail } } }),
  'its own named action': setup({ actions: { fail } }).createMachine({ on: { go: { actions: 'fail' } } }),
  'an action with parameters': setup({
    actions: {
      fail: async (_args, params: { message: string }) => Promise.reject(new Error(params.message)),
    },
  }).createMachine({ on: { go: { actions: { type: 'fail', params: { message: 'boom' } } } } }),
  'an entry action': createMachine({ initial: 'a', states: { a: { on: { go: 'b' } }, b: { entry: fail } } }),
  'an enqueued action': createMachine({
    on: { go: { actions: enqueueActions(({ enqueue }) => enqueue(fail)) } },
  }),
  'an action of an invoked child': createMachine({
    invoke: { id: 'child', src: child },
    on: { go: { actions: sendTo('child', { type: 'go' }) } },
  }),
  'an action of a grandchild': createMachine({
    invoke: { id: 'child', src: grandchild },
    on: { go: { actions: sendTo('child', { type: 'go' }) } },
  }),
  'an entry action of a child spawned later': createMachine({
    on: { go: { actions: spawnChild(createMachine({ entry: fail })) } },
  }),
  'an action of a child spawned in an assign': createMachine({
    on: { go: { actions: assign(({ spawn }) => ({ child: spawn(createMachine({ entry: fail })) })) } },
  }),
}

it.each(Object.entries(rejecting))('%s that rejects crashes its actor, once', async (_name, logic) => {
  const host = new FakeHost()
  host.spawn(2, logic)
  host.spawn(1, logic)
  await host.start()
  const waiting = await host.request({ type: 'wait' })

  const record = await host.request({ type: 'go' })

  expect(host.crashes).toEqual([new Error('boom')])
  expect([1, 2].map((no) => host.supervisor.get(at(no))?.state)).toEqual(['backing off', 'idle'])
  expect([waiting.outcome, record.outcome]).toEqual(['ERR_ASK_ACTOR_CRASHED', 'ERR_ASK_ACTOR_CRASHED'])
  expect([host.deadLetters, host.missing, unhandled]).toEqual([[], 0, []])
})

it('an entry action that rejects at the start crashes its actor', async () => {
  const host = await FakeHost.with(createMachine({ entry: fail }))

  expect(host.crashes).toEqual([new Error('boom')])
  expect(host.supervisor.get(at(1))?.state).toBe('backing off')
  expect(unhandled).toEqual([])
})

it('an action that rejects after its actor was restarted is nobody’s business any more', async () => {
  const work = gate()
  const logic = createMachine({
    on: {
      work: { actions: () => work.promise },
      crash: {
        actions: () => {
          throw new Error('first')
        },
      },
    },
  })
  const host = await FakeHost.with(logic)
  await host.send({ type: 'work' })
  await host.send({ type: 'crash' })
  await host.clock.advanceAsync(20)

  work.break(new Error('late'))
  await host.clock.rest()

  expect(host.crashes).toEqual([new Error('first')])
  expect([host.supervisor.get(at(1))?.state, unhandled]).toEqual(['idle', []])
})

it('an action that returns a thenable that throws is a crash like any other', async () => {
  const bad = Object.defineProperty({}, 'then', {
    value: () => {
      throw new Error('boom')
    },
  })
  const host = await FakeHost.with(createMachine({ on: { go: { actions: () => bad } } }))
  host.spawn(
    2,
    fromHandler(() => 'fine'),
  )

  const record = await host.request({ type: 'go' })
  const other = await host.request('hello', 2)

  expect([record.outcome, other.outcome]).toEqual(['ERR_ASK_ACTOR_CRASHED', { reply: 'fine' }])
  expect(host.missing).toBe(0)
})

it('an async action that succeeds changes nothing', async () => {
  const host = await FakeHost.with(createMachine({ on: { go: { actions: async () => 'done' } } }))

  await host.send({ type: 'go' })

  expect([host.crashes, host.delivered, host.supervisor.get(at(1))?.state]).toEqual([[], 1, 'idle'])
})
