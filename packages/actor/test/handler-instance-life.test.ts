import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { gate, thrown } from './promises.ts'

describe('init', () => {
  it('that is async keeps messages waiting until there is a state', async () => {
    const made = gate<string>()
    const host = new FakeHost()
    const cell = host.spawn(1, fromHandler({ init: () => made.promise, handle: (state) => state }))
    const started = host.supervisor.start()
    const record = await host.request('hello')
    const before = [cell.state, record.outcome]

    made.open('the state')
    await started
    await host.clock.rest()

    expect(before).toEqual(['starting', 'open'])
    expect(record.outcome).toEqual({ reply: 'the state' })
  })

  it.each(thrown)('that throws %s is a crash, and messages wait for a better start', async (_name, error) => {
    let starts = 0
    const init = (): string => {
      starts++
      if (starts === 1) throw error
      return `start ${starts}`
    }
    const host = await FakeHost.with(fromHandler({ init, handle: (state) => state }))
    const record = await host.request('hello')
    const before = record.outcome

    await host.clock.advanceAsync(20)

    expect([host.crashes.length, Object.is(host.crashes[0], error), before]).toEqual([1, true, 'open'])
    expect(record.outcome).toEqual({ reply: 'start 2' })
  })

  it('that rejects is a crash, and stop is not called for a state that never was', async () => {
    const stops: unknown[] = []
    const host = await FakeHost.with(
      fromHandler({
        init: () => Promise.reject(new Error('no database')),
        handle: () => {},
        stop: (state) => stops.push(state),
      }),
      { restart: 'temporary' },
    )

    expect(host.crashes).toEqual([new Error('no database')])
    expect([stops, host.stopped]).toEqual([[], [at(1)]])
  })

  it('that ends after its actor was stopped gives back at once what it made', async () => {
    const made = gate<string>()
    const stops: unknown[] = []
    const host = new FakeHost()
    host.spawn(
      1,
      fromHandler({
        init: () => made.promise,
        handle: () => {},
        stop: (state, reason) => stops.push([state, reason]),
      }),
    )
    void host.supervisor.start()
    await host.supervisor.stop(at(1), 'shutdown')
    const before = [...stops]

    made.open('a socket')
    await host.clock.rest()

    expect(before).toEqual([])
    expect(stops).toEqual([['a socket', 'shutdown']])
  })
})

describe('stop', () => {
  it.each([
    ['a crash', 'crash', 'crashed'],
    ['ctx.stop', 'stop', 'normal'],
  ])('is called once after %s, with the reason', async (_name, message, reason) => {
    const stops: unknown[] = []
    const host = await FakeHost.with(
      fromHandler({
        init: () => 'state',
        handle: (_state, what, ctx) => {
          if (what === 'crash') throw new Error('boom')
          ctx.stop()
        },
        stop: (state, why) => stops.push([state, why]),
      }),
      { restart: 'temporary' },
    )

    host.tell(tester, [1, 1], message)
    await host.clock.rest()

    expect(stops).toEqual([['state', reason]])
  })

  it.each([
    ['throws', () => failInStop()],
    ['rejects', async () => failInStop()],
  ])('that %s is a fault that keeps neither a restart nor a stop from happening', async (_how, stop) => {
    const host = await FakeHost.with(
      fromHandler({
        handle: () => {
          throw new Error('boom')
        },
        stop,
      }),
    )
    await host.send('crash')
    await host.clock.advanceAsync(20)

    await host.supervisor.stop(at(1), 'stopped')

    expect(host.faults).toEqual([new Error('in stop'), new Error('in stop')])
    expect([host.restarts, host.stopped, host.missing]).toEqual([1, [at(1)], 0])
  })
})

function failInStop(): never {
  throw new Error('in stop')
}
