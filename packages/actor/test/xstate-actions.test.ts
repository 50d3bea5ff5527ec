import { describe, expect, it } from 'vitest'
import { assign, createActor, createMachine, sendTo, setup } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import type { P2pStamp } from '../src/machine-instance.ts'
import type { AskTicket } from '../src/message.ts'
import { ask, reply, tell } from '../src/xstate-actions.ts'
import { FakeHost } from './fake-host.ts'

interface Asked {
  readonly p2p: P2pStamp
}

/** Keeps the ticket of `order`, answers it at `ready`. */
const kitchen = setup({
  types: {
    context: {} as { tickets: readonly (AskTicket | undefined)[] },
    events: {} as Asked & ({ readonly type: 'order' } | { readonly type: 'ready'; readonly dish: string }),
  },
}).createMachine({
  context: { tickets: [] },
  on: {
    order: { actions: assign({ tickets: ({ context, event }) => [...context.tickets, event.p2p.ask] }) },
    ready: {
      actions: [
        reply(({ event }) => `${event.dish} is ready`, { to: ({ context }) => context.tickets[0] }),
        reply('thanks'),
      ],
    },
  },
})

describe('reply', () => {
  it('answers the ask at hand with a value or an expression of context and event', async () => {
    const logic = setup({
      types: {
        context: {} as { rate: number },
        events: {} as { type: 'value' } | { type: 'expression'; by: number } | { type: 'parameters' },
      },
      actions: { say: reply((_args, params: { text: string }) => params) },
    }).createMachine({
      context: { rate: 3 },
      on: {
        value: { actions: reply({ fixed: 1 }) },
        expression: { actions: reply(({ context, event }) => context.rate * event.by) },
        parameters: { actions: { type: 'say', params: { text: 'hi' } } },
      },
    })
    const host = await FakeHost.with(logic)

    const records = [
      await host.request({ type: 'value' }),
      await host.request({ type: 'expression', by: 7 }),
      await host.request({ type: 'parameters' }),
    ]

    expect(records.map((record) => record.reply)).toEqual([{ fixed: 1 }, 21, { text: 'hi' }])
  })

  it('answers later through a ticket that was kept in the context', async () => {
    const host = await FakeHost.with(kitchen)
    const order = await host.request({ type: 'order' })
    const before = order.outcome

    const ready = await host.request({ type: 'ready', dish: 'soup' })

    expect(before).toBe('open')
    expect([order.outcome, ready.outcome]).toEqual([{ reply: 'soup is ready' }, { reply: 'thanks' }])
  })

  it('does nothing for a tell, for no ticket, and for an ask that is answered', async () => {
    const host = await FakeHost.with(kitchen)
    await host.send({ type: 'ready', dish: 'nothing' })
    const order = await host.request({ type: 'order' })
    await host.send({ type: 'ready', dish: 'soup' })

    await host.send({ type: 'ready', dish: 'soup again' })

    expect(order).toMatchObject({ ends: 1, outcome: { reply: 'soup is ready' } })
    expect([host.crashes, host.missing]).toEqual([[], 0])
  })

  it('works in a machine that the actor invokes', async () => {
    const child = setup({
      types: { events: {} as { type: 'work'; value: string; ticket: AskTicket | undefined } },
    }).createMachine({
      on: { work: { actions: reply(({ event }) => event.value, { to: ({ event }) => event.ticket }) } },
    })
    const logic = setup({
      types: { events: {} as Asked & { type: 'work' } },
      actors: { child },
    }).createMachine({
      invoke: { id: 'child', src: 'child' },
      on: {
        work: {
          actions: sendTo('child', ({ event }) => ({
            type: 'work',
            value: 'by the child',
            ticket: event.p2p.ask,
          })),
        },
      },
    })
    const host = await FakeHost.with(logic)

    const record = await host.request({ type: 'work' })

    expect(record.outcome).toEqual({ reply: 'by the child' })
  })
})

describe('tell', () => {
  it('sends from the end of its actor, in a child as well', async () => {
    const seen: unknown[] = []
    const child = createMachine({ entry: tell([1, 2], 'from the child') })
    const host = new FakeHost()
    host.spawn(
      1,
      createMachine({ invoke: { src: child }, entry: tell({ endType: 1, endNo: 2 }, () => 'from it') }),
    )
    host.spawn(
      2,
      fromHandler((message, ctx) => seen.push([message, ctx.from])),
    )

    await host.start()

    const from = { endType: 1, endNo: 1 }
    expect(seen).toHaveLength(2)
    expect(seen).toEqual(
      expect.arrayContaining([
        ['from the child', from],
        ['from it', from],
      ]),
    )
    expect(host.missing).toBe(0)
  })

  it('takes the end from the context', async () => {
    const logic = setup({
      types: {
        context: {} as { to: readonly [number, number] },
        events: {} as { type: 'go'; text: string },
      },
    }).createMachine({
      context: { to: [1, 2] },
      on: {
        go: {
          actions: tell(
            ({ context }) => context.to,
            ({ event }) => event.text,
          ),
        },
      },
    })
    const seen: unknown[] = []
    const host = await FakeHost.with(logic)
    host.spawn(
      2,
      fromHandler((message) => seen.push(message)),
    )

    await host.send({ type: 'go', text: 'hello' })
    await host.clock.rest()

    expect(seen).toEqual(['hello'])
  })
})

describe('ask', () => {
  const asking = (answers: unknown[]) =>
    setup({
      types: { events: {} as { type: 'go'; question: string } | { type: 'careless' } },
    }).createMachine({
      on: {
        go: {
          actions: ask([1, 2], ({ event }) => event.question, {
            onReply: 'answer',
            onFail: 'failed',
            timeoutMs: 100,
          }),
        },
        careless: { actions: ask([1, 3], 'nobody', { onReply: 'answer' }) },
        '*': { actions: ({ event }) => answers.push(event) },
      },
    })

  it('gets the reply as an event, which carries no stamp', async () => {
    const answers: unknown[] = []
    const host = await FakeHost.with(asking(answers))
    host.spawn(
      2,
      fromHandler((message) => `you said ${message}`),
    )

    await host.send({ type: 'go', question: 'why' })
    await host.clock.rest()

    expect(answers).toEqual([{ type: 'answer', reply: 'you said why' }])
  })

  it('gets a failure as an event with the error', async () => {
    const answers: unknown[] = []
    const host = await FakeHost.with(asking(answers))
    host.spawn(
      2,
      fromHandler((_message, ctx) => ctx.defer()),
    )

    await host.send({ type: 'go', question: 'why' })
    await host.clock.advanceAsync(100)

    expect(answers).toEqual([{ type: 'failed', error: expect.objectContaining({ code: 'ERR_ASK_TIMEOUT' }) }])
  })

  it('ignores a failure that the machine does not ask for', async () => {
    const answers: unknown[] = []
    const host = await FakeHost.with(asking(answers))

    await host.send({ type: 'careless' })
    await host.clock.rest()

    expect([answers, host.crashes, host.asks[0]?.outcome]).toEqual([[], [], 'ERR_ASK_NO_ROUTE'])
  })
})

it.each([
  ['reply', reply('x', { to: { end: { endType: 1, endNo: 1 }, tag: 1, ask: 1 } })],
  ['tell', tell([1, 1], 'x')],
  ['ask', ask([1, 1], 'x', { onReply: 'y' })],
])('%s says that it works only where a net hosts the machine', (_name, action) => {
  const errors: unknown[] = []
  const actor = createActor(createMachine({ on: { go: { actions: action as () => void } } }))
  actor.subscribe({ error: (error) => errors.push(error) })
  actor.start()

  actor.send({ type: 'go' })

  expect(errors).toEqual([expect.objectContaining({ code: 'ERR_ACTOR_NOT_HOSTED' })])
})
