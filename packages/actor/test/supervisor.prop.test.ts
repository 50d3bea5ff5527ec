// Random lives of a few actors on a simulated clock. Whatever happens: every ask ends exactly once, no message is
// lost from the books, what was opened is disposed of, and nothing is thrown that nobody handles.
import fc from 'fast-check'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { assign, createMachine, fromCallback, fromPromise } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import type { ActorContext } from '../src/context.ts'
import type { AskTicket } from '../src/message.ts'
import { reply, tell } from '../src/xstate-actions.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { type Gate, gate } from './promises.ts'

const orders = ['say', 'work', 'defer', 'reject', 'crash', 'fail', 'stop', 'pass', 'go'] as const
const ends = fc.integer({ min: 1, max: 3 })

const step = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('spawn'), no: ends, logic: fc.nat(2), how: fc.nat(2) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('tell'), no: ends, order: fc.constantFrom(...orders) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('ask'), no: ends, order: fc.constantFrom(...orders) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('stop'), no: ends }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('open'), no: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('break'), no: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel'), no: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('answer'), no: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time'), no: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rest'), no: fc.constant(0) }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

const restarts = ['permanent', 'transient', 'temporary'] as const

const boom = (): never => {
  throw new Error('boom')
}

class Life {
  readonly host = new FakeHost()
  readonly gates: Gate[] = []
  readonly tickets: AskTicket[] = []
  opened = 0
  disposed = 0

  begin(): Promise<unknown> {
    this.gates.push(gate())
    return (this.gates.at(-1) as Gate).promise
  }

  handle(order: unknown, ctx: ActorContext): unknown {
    if (order === 'work') return this.begin()
    if (order === 'defer') return this.tickets.push(ctx.defer())
    if (order === 'reject') return ctx.reject('no')
    if (order === 'crash') return boom()
    if (order === 'fail') return Promise.reject(new Error('boom'))
    if (order === 'stop') return ctx.stop()
    if (order === 'pass') return ctx.tell([1, 2], 'say')
    return order
  }

  readonly handler = fromHandler(
    {
      init: () => {
        this.opened++
      },
      handle: (_state, message: { type: string }, ctx) => this.handle(message.type, ctx),
      stop: () => {
        this.disposed++
      },
    },
    { concurrency: 2 },
  )

  readonly slowHandler = fromHandler({
    init: async () => {
      await this.begin()
      this.opened++
    },
    handle: (_state, message: { type: string }, ctx) => this.handle(message.type, ctx),
    stop: () => {
      this.disposed++
    },
  })

  readonly holder = fromCallback(() => {
    this.opened++
    return () => {
      this.disposed++
    }
  })

  readonly machine = createMachine({
    context: { tickets: [] as unknown[] },
    invoke: [{ src: this.holder }, { src: createMachine({ invoke: { src: this.holder } }) }],
    on: {
      say: { actions: reply('said') },
      defer: { actions: assign({ tickets: ({ context, event }) => [...context.tickets, event.p2p.ask] }) },
      crash: { actions: boom },
      fail: { actions: () => Promise.reject(new Error('boom')) },
      work: { actions: () => this.begin() },
      pass: { actions: tell([1, 1], { type: 'say' }) },
      stop: '.over',
      go: '.waiting',
    },
    initial: 'idle',
    states: {
      idle: { after: { 300: 'waiting' } },
      waiting: { invoke: { src: fromPromise(() => this.begin()), onDone: 'idle' } },
      over: { type: 'final' },
    },
  })

  async do(next: Step): Promise<void> {
    const { host } = this
    const { no } = next
    if ('logic' in next) {
      if (host.supervisor.get(at(no)) !== undefined) return
      const options = { restart: restarts[next.how] ?? 'transient', shutdownMs: 100 }
      host.spawn(no, [this.handler, this.slowHandler, this.machine][next.logic], options)
    } else if ('order' in next) {
      if (next.kind === 'tell') host.tell(tester, [1, no], { type: next.order })
      else host.begin(at(no), { type: next.order }, 250)
    } else if (next.kind === 'stop') void host.supervisor.stop(at(no), 'stopped')
    else if (next.kind === 'open') this.gates.at(-1 - no)?.open('opened')
    else if (next.kind === 'break') this.gates.at(-1 - no)?.break(new Error('broken'))
    else if (next.kind === 'answer')
      this.tickets.slice(-1 - no, -no || undefined).map((ticket) => host.answer(ticket, 1))
    else if (next.kind === 'time') await host.clock.advanceAsync(no)
    else if (next.kind === 'rest') await host.clock.rest()
    else {
      const record = host.asks.at(-1 - no)
      if (record !== undefined) host.giveUp(record, 'ERR_ASK_ABORTED')
    }
  }

  async end(): Promise<void> {
    void this.host.supervisor.stopAll('shutdown')
    await this.host.clock.advanceAsync(1_000)
    // What is abandoned ends some day, and gives back what it has made.
    for (const late of this.gates) late.open('late')
    await this.host.clock.rest()
  }
}

const unhandled: unknown[] = []
const onUnhandled = (error: unknown): void => {
  unhandled.push(error)
}
beforeEach(() => {
  process.on('unhandledRejection', onUnhandled)
})
afterEach(() => {
  process.off('unhandledRejection', onUnhandled)
})

it('keeps its books through any life', { timeout: 60_000 }, async () => {
  const lives = fc.array(step, { minLength: 5, maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(lives, async (steps) => {
      const life = new Life()
      const { host } = life
      await host.start()
      for (const [no, logic] of [life.handler, life.slowHandler, life.machine].entries())
        host.spawn(no + 1, logic, { shutdownMs: 100 })

      for (const next of steps) {
        await life.do(next)
        expect(host.missing).toBe(0)
      }
      await life.end()

      expect(host.asks.map((record) => record.ends)).toEqual(host.asks.map(() => 1))
      expect(host).toMatchObject({ missing: 0, inFlight: 0, faults: [] })
      expect(host.accepted).toBe(host.delivered + host.deadLetters.length)
      expect(life.disposed).toBe(life.opened)
      expect([[...host.supervisor.cells()], unhandled]).toEqual([[], []])
    }),
    { numRuns: 3_000 },
  )
})
