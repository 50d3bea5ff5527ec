import { describe, expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import type { SpawnOptions } from '../src/options.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { type Gate, gate } from './promises.ts'

const crasher = fromHandler((message) => {
  if (message === 'crash') throw new Error('boom')
  return message
})

/** Writes down its starts and stops. */
const named = (name: string, log: string[]) =>
  fromHandler({
    init: () => void log.push(`start ${name}`),
    handle: (_state, message) => message,
    stop: (_state, reason) => void log.push(`stop ${name} (${reason})`),
  })

describe('a supervisor starts its children', () => {
  it('in order, and one whose init is async makes the next wait', async () => {
    const log: string[] = []
    const made = gate()
    const host = new FakeHost()
    host.spawn(1, named('a', log))
    host.spawn(2, fromHandler({ init: () => made.promise, handle: () => {} }))
    host.spawn(3, named('c', log))
    const started = host.supervisor.start()
    await host.clock.rest()
    const before = [...log]

    made.open('state')
    await started

    expect([before, log]).toEqual([['start a'], ['start a', 'start c']])
  })

  it('though one crashes at its start', async () => {
    const log: string[] = []
    const host = new FakeHost()
    host.spawn(1, createMachine({ context: () => JSON.parse('broken') }))
    host.spawn(2, named('b', log))

    await host.start()

    expect(log).toEqual(['start b'])
    expect(host.supervisor.get(at(1))?.state).toBe('backing off')
  })

  it('though one never ends its init and is stopped', async () => {
    const log: string[] = []
    const host = new FakeHost()
    host.spawn(1, fromHandler({ init: () => gate().promise, handle: () => {} }))
    host.spawn(2, named('b', log))
    const started = host.supervisor.start()
    await host.clock.rest()
    const before = [...log]

    await host.supervisor.stop(at(1), 'stopped')
    await started

    expect([before, log]).toEqual([[], ['start b']])
  })

  it('not before it is started itself, and at once from then on', async () => {
    const log: string[] = []
    const host = new FakeHost()
    host.spawn(1, named('a', log))
    const before = [...log]
    await host.start()

    host.spawn(2, named('b', log))

    expect([before, log]).toEqual([[], ['start a', 'start b']])
  })
})

describe('a supervisor stops its children', () => {
  it('in the reverse order of their start, each before the next', async () => {
    const log: string[] = []
    const stopping: Gate[] = []
    const host = await FakeHost.with(named('a', log))
    const stop = (): unknown => {
      stopping.push(gate())
      return stopping[0]?.promise
    }
    host.spawn(2, fromHandler({ handle: () => {}, stop }))
    host.spawn(3, named('c', log))
    const all = host.supervisor.stopAll('shutdown')
    await host.clock.rest()
    const before = log.slice(1)

    stopping[0]?.open('closed')
    await all

    expect(before).toEqual(['start c', 'stop c (shutdown)'])
    expect(log.at(-1)).toBe('stop a (shutdown)')
    expect([host.stopped, [...host.supervisor.cells()]]).toEqual([[at(3), at(2), at(1)], []])
  })

  it('and goes on when one takes longer than its shutdown time', async () => {
    const log: string[] = []
    const host = await FakeHost.with(named('a', log))
    host.spawn(2, fromHandler({ handle: () => {}, stop: () => gate().promise }), { shutdownMs: 50 })
    const all = host.supervisor.stopAll('shutdown')

    await host.clock.advanceAsync(50)
    await all

    expect(log).toEqual(['start a', 'stop a (shutdown)'])
  })
})

describe('a child that crashes', () => {
  const patient: SpawnOptions = { intensity: { restarts: 100 } }

  it.each([
    ['permanent', 'idle', 1],
    ['transient', 'idle', 1],
    ['temporary', undefined, 0],
  ] as const)('and is %s is then %s after %s restarts', async (restart, state, restarts) => {
    const host = await FakeHost.with(crasher, { restart })

    await host.send('crash')
    await host.clock.advanceAsync(20)

    expect([host.supervisor.get(at(1))?.state, host.restarts]).toEqual([state, restarts])
    expect(host.supervisor.get(at(1))?.restarts ?? 0).toBe(restarts)
  })

  it('waits longer and longer, on the simulated clock', async () => {
    const host = await FakeHost.with(crasher, patient)
    for (const delayMs of [20, 40, 80]) {
      await host.send('crash')
      await host.clock.advanceAsync(delayMs - 1)
      expect(host.supervisor.get(at(1))?.state).toBe('backing off')

      await host.clock.advanceAsync(1)

      expect(host.supervisor.get(at(1))?.state).toBe('idle')
    }
  })

  it('waits less by what chance takes off', async () => {
    const host = await FakeHost.with(crasher, { backoff: { minMs: 100, jitter: 0.5 } })
    host.chance = 0.8

    await host.send('crash')
    await host.clock.advanceAsync(59)
    const before = host.restarts
    await host.clock.advanceAsync(1)

    expect([before, host.restarts]).toEqual([0, 1])
  })

  it('begins with the shortest wait again after a quiet run', async () => {
    const host = await FakeHost.with(crasher, patient)
    await host.send('crash')
    await host.clock.advanceAsync(20)
    await host.send('crash')
    await host.clock.advanceAsync(40 + 10_000)

    await host.send('crash')
    await host.clock.advanceAsync(20)

    expect([host.restarts, host.supervisor.get(at(1))?.state]).toEqual([3, 'idle'])
  })

  it('too often is shown as crash looping, is tried at the cap, and its siblings work on', async () => {
    const host = await FakeHost.with(crasher)
    host.spawn(2, crasher)
    for (const delayMs of [20, 40, 80]) {
      await host.send('crash')
      await host.clock.advanceAsync(delayMs)
    }

    await host.send('crash')
    const shown = host.supervisor.get(at(1))?.state
    await host.clock.advanceAsync(2_999)
    const sibling = await host.request('hello', 2)
    const before = host.restarts
    await host.clock.advanceAsync(1)

    expect([shown, before, host.restarts]).toEqual(['crash looping', 3, 4])
    expect(sibling.outcome).toEqual({ reply: 'hello' })
    expect(host.warnings.at(-1)).toEqual({ delayMs: 3_000, state: 'crash looping' })
  })

  it('at every start does not recurse, and its messages wait in the mailbox until they expire', async () => {
    const init = (): never => {
      throw new Error('boom')
    }
    const options = { mailbox: { messagesMax: 3 }, backoff: { minMs: 0, maxMs: 10, jitter: 0 } }
    const host = await FakeHost.with(fromHandler({ init, handle: () => {} }), options)
    for (const value of [1, 2]) host.tell(tester, [1, 1], value)
    const waiting = host.begin(at(1), 'waiting', 500)
    const refused = await host.request('one too many')

    await host.clock.advanceAsync(1_000)

    expect([refused.outcome, waiting.outcome]).toEqual(['ERR_ASK_OVERLOADED', 'ERR_ASK_TIMEOUT'])
    expect([host.supervisor.get(at(1))?.queued, host.missing]).toEqual([3, 0])
    expect(host.crashes.length).toBeGreaterThan(90)
  })
})

describe('a stop during the backoff', () => {
  it('ends at once, and the child is not started again', async () => {
    const host = await FakeHost.with(crasher)
    await host.send('crash')
    const queued = host.begin(at(1), 'queued')

    await host.supervisor.stop(at(1), 'stopped')
    await host.clock.advanceAsync(10_000)

    expect([queued.outcome, host.restarts, host.stopped]).toEqual(['ERR_ASK_NO_ROUTE', 0, [at(1)]])
    expect([host.clock.timers, host.missing]).toEqual([0, 0])
  })
})

describe('an end that is given away again', () => {
  it('while its old actor still stops belongs to the new one', async () => {
    const work = gate()
    const host = await FakeHost.with(fromHandler(() => work.promise))
    const old = await host.request('old')
    void host.supervisor.stop(at(1), 'stopped')
    await host.clock.rest()

    const cell = host.spawn(1, crasher)
    const young = await host.request('young')
    work.open('done')
    await host.clock.rest()

    expect([old.outcome, young.outcome]).toEqual([{ reply: 'done' }, { reply: 'young' }])
    expect(host.supervisor.get(at(1))).toBe(cell)
    expect(host.missing).toBe(0)
  })
})
