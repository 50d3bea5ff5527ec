import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { gate } from './promises.ts'

/** Stops 1:1 and says when it has. */
function stopping(host: FakeHost): { readonly isOver: boolean } {
  const watch = { isOver: false }
  void host.supervisor.stop(at(1), 'stopped').then(() => {
    watch.isOver = true
  })
  return watch
}

describe('a stop', () => {
  it('makes dead letters of what is queued, and tells askers that they may ask elsewhere', async () => {
    const work = gate()
    const host = await FakeHost.with(fromHandler(() => work.promise))
    host.tell(tester, [1, 1], 'at work')
    await host.clock.rest()
    host.tell(tester, [1, 1], 'queued')
    const queued = host.begin(at(1), 'queued')

    const stop = stopping(host)
    await host.clock.rest()
    const after = await host.request('too late')

    expect(stop.isOver).toBe(false)
    expect(queued).toMatchObject({ outcome: 'ERR_ASK_NO_ROUTE', failure: { mayHaveRun: false } })
    expect(after.outcome).toBe('ERR_ASK_NO_ROUTE')
    expect(host.deadLetters).toEqual(['stopped', 'stopped', 'stopped'])
    expect(host).toMatchObject({ inFlight: 1, missing: 0 })
  })

  it('waits for what is under way, which still gets its answer', async () => {
    const work = gate()
    const reasons: unknown[] = []
    const host = await FakeHost.with(
      fromHandler({ handle: () => work.promise, stop: (_state, reason) => reasons.push(reason) }),
    )
    const record = await host.request('work')

    const stop = stopping(host)
    await host.clock.advanceAsync(4_999)
    const before = [stop.isOver, [...reasons], host.supervisor.get(at(1))?.state]
    work.open('done')
    await host.clock.rest()

    expect(before).toEqual([false, [], 'stopping'])
    expect(record.outcome).toEqual({ reply: 'done' })
    expect([stop.isOver, reasons, host.stopped]).toEqual([true, ['stopped'], [at(1)]])
    expect(host.clock.timers).toBe(0)
  })

  it('abandons a handler that does not end within the shutdown time, and what it does later is ignored', async () => {
    const work = gate()
    const host = await FakeHost.with(
      fromHandler(() => work.promise),
      { shutdownMs: 100 },
    )
    const record = await host.request('work')

    const stop = stopping(host)
    await host.clock.advanceAsync(100)
    const outcome = record.outcome
    work.open('late')
    await host.clock.rest()

    expect([stop.isOver, outcome]).toEqual([true, 'ERR_ASK_ABORTED'])
    expect([record.ends, host.delivered, host.deadLetters]).toEqual([1, 0, ['stopped']])
    expect(host.missing).toBe(0)
  })

  it('takes the shutdown time once, also when both its work and its stop function hang', async () => {
    const host = await FakeHost.with(
      fromHandler({ handle: () => gate().promise, stop: () => gate().promise }),
      { shutdownMs: 100 },
    )
    await host.send('work')

    const stop = stopping(host)
    await host.clock.advanceAsync(99)
    const before = stop.isOver
    await host.clock.advanceAsync(1)

    expect([before, stop.isOver]).toEqual([false, true])
  })

  it('ends a deferred ask, which may have run', async () => {
    const host = await FakeHost.with(fromHandler((_message, ctx) => ctx.defer()))
    const record = await host.request('later')

    const stop = stopping(host)
    await host.clock.rest()

    expect(stop.isOver).toBe(true)
    expect(record).toMatchObject({ outcome: 'ERR_ASK_ABORTED', failure: { mayHaveRun: true } })
  })

  it('may be called twice, and both wait for the same end', async () => {
    const reasons: unknown[] = []
    const host = await FakeHost.with(
      fromHandler({ handle: () => {}, stop: (_state, reason) => reasons.push(reason) }),
    )

    await Promise.all([
      host.supervisor.stop(at(1), 'stopped'),
      host.supervisor.stop(at(1), 'shutdown'),
      host.supervisor.stop(at(2), 'stopped'),
    ])

    expect(reasons).toEqual(['stopped'])
    expect(host.stopped).toEqual([at(1)])
  })

  it('reaches an actor that was never started', async () => {
    const host = new FakeHost()
    host.spawn(
      1,
      fromHandler(() => 1),
    )
    const record = host.begin(at(1), 'queued')

    const stop = stopping(host)
    await host.clock.rest()

    expect([stop.isOver, record.outcome, host.missing]).toEqual([true, 'ERR_ASK_NO_ROUTE', 0])
  })

  it('of an actor that crashes meanwhile does not start it again', async () => {
    const work = gate()
    const host = await FakeHost.with(
      fromHandler(() => work.promise),
      { restart: 'permanent' },
    )
    const record = await host.request('work')

    const stop = stopping(host)
    await host.clock.rest()
    work.break(new Error('boom'))
    await host.clock.advanceAsync(10_000)

    expect([stop.isOver, record.outcome, host.restarts]).toEqual([true, 'ERR_ASK_ACTOR_CRASHED', 0])
    expect(host.supervisor.get(at(1))).toBeUndefined()
  })
})

it('shows what a cell is doing', async () => {
  const work = gate()
  const host = new FakeHost()
  const cell = host.spawn(
    1,
    fromHandler((message) => (message === 'crash' ? Promise.reject(message) : work.promise)),
  )
  const states: string[] = [cell.state]
  const started = host.start()
  states.push(cell.state)
  await started

  await host.send('work')
  states.push(cell.state)
  work.open(1)
  await host.clock.rest()
  states.push(cell.state)
  await host.send('crash')
  states.push(cell.state)
  await host.supervisor.stop(at(1), 'stopped')
  states.push(cell.state)

  expect(states).toEqual(['new', 'idle', 'busy', 'idle', 'backing off', 'stopped'])
})
