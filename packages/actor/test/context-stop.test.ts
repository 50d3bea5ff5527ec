import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { gate } from './promises.ts'

describe('ctx.stop', () => {
  it('ends the actor after the message at hand, which is answered', async () => {
    const handled: unknown[] = []
    const host = await FakeHost.with(
      fromHandler((message, ctx) => {
        handled.push(message)
        ctx.stop()
        return 'bye'
      }),
    )
    const records = ['stop', 'queued'].map((value) => host.begin(at(1), value))

    await host.clock.rest()

    expect(handled).toEqual(['stop'])
    expect(records.map((record) => record.outcome)).toEqual([{ reply: 'bye' }, 'ERR_ASK_NO_ROUTE'])
    expect([host.stopped, host.crashes, host.missing]).toEqual([[at(1)], [], 0])
  })

  it('of an async handler waits for all that is under way', async () => {
    const work = gate()
    const host = await FakeHost.with(
      fromHandler(
        (message, ctx) => {
          if (message === 'work') return work.promise
          ctx.stop()
          return 'bye'
        },
        { concurrency: 2 },
      ),
    )
    const records = ['work', 'stop', 'next'].map((value) => host.begin(at(1), value))
    await host.clock.rest()
    const before = records.map((record) => record.outcome)

    work.open('done')
    await host.clock.rest()

    expect(before).toEqual(['open', { reply: 'bye' }, 'open'])
    expect(records.map((record) => record.outcome)).toEqual([
      { reply: 'done' },
      { reply: 'bye' },
      'ERR_ASK_NO_ROUTE',
    ])
    expect(host.stopped).toEqual([at(1)])
  })

  it('in init ends an actor that never takes a message', async () => {
    const handled: unknown[] = []
    const host = new FakeHost()
    host.spawn(
      1,
      fromHandler({ init: (_, ctx) => ctx.stop(), handle: (_, message) => handled.push(message) }),
    )
    host.tell(tester, [1, 1], 'hello')

    await host.start()

    expect([handled, host.stopped, host.deadLetters]).toEqual([[], [at(1)], ['stopped']])
  })

  it('of a permanent actor is followed by a restart, and the next incarnation works', async () => {
    const logic = fromHandler((message, ctx) => (message === 'stop' ? ctx.stop() : message))
    const host = await FakeHost.with(logic, { restart: 'permanent' })
    await host.send('stop')
    const queued = await host.request('queued')
    const before = [host.supervisor.get(at(1))?.state, queued.outcome]

    await host.clock.advanceAsync(20)

    expect(before).toEqual(['backing off', 'open'])
    expect([host.supervisor.get(at(1))?.state, host.restarts]).toEqual(['idle', 1])
    expect(queued.outcome).toEqual({ reply: 'queued' })
  })
})
