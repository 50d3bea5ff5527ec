import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import type { ActorContext } from '../src/context.ts'
import type { AskTicket } from '../src/message.ts'
import { at, FakeHost } from './fake-host.ts'

describe('ctx', () => {
  it('tells who it is, who sent the message and what the actor was given', async () => {
    const seen: unknown[] = []
    const input = { room: 1 }
    const note = (ctx: ActorContext): unknown => seen.push([ctx.self, ctx.from, ctx.input])
    const host = await FakeHost.with(
      fromHandler({ init: (_, ctx) => note(ctx), handle: (_, __, ctx) => note(ctx) }),
      {
        input,
      },
    )

    await host.send('hello')

    const self = { endType: 1, endNo: 1 }
    expect(seen).toEqual([
      [self, undefined, input],
      [self, { endType: 9, endNo: 9 }, input],
    ])
  })

  it('tells and asks from its own end', async () => {
    const froms: unknown[] = []
    const host = await FakeHost.with(
      fromHandler(async (_message, ctx) => {
        ctx.tell([1, 2], 'told')
        return { got: await ctx.ask([1, 2], 'asked') }
      }),
    )
    host.spawn(
      2,
      fromHandler((message, ctx) => {
        froms.push([message, ctx.from])
        return 'reply'
      }),
    )

    const record = await host.request('go')
    await host.clock.rest()

    expect(record.outcome).toEqual({ reply: { got: 'reply' } })
    expect(froms[0]).toEqual(['told', { endType: 1, endNo: 1 }])
    expect(host.missing).toBe(0)
  })

  it('has the logger of its end, the same one for every message', async () => {
    const logs: unknown[] = []
    const host = await FakeHost.with(fromHandler((_message, ctx) => logs.push(ctx.log)))

    await host.send(1)
    await host.send(2)

    expect(logs[0]).toBe(host.log())
    expect(logs[1]).toBe(logs[0])
  })
})

describe('a deferred ask', () => {
  const deferring = (tickets: AskTicket[]) =>
    fromHandler((message, ctx) => {
      if (message === 'crash') throw new Error('boom')
      tickets.push(ctx.defer())
      return 'not the reply'
    })

  it('is answered later, once', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(deferring(tickets))
    const record = await host.request('hello')
    const before = record.outcome

    const answered = tickets.map((ticket) => [host.answer(ticket, 'later'), host.answer(ticket, 'again')])

    expect([before, record.outcome, record.ends]).toEqual(['open', { reply: 'later' }, 1])
    expect(answered).toEqual([[true, false]])
    expect(host).toMatchObject({ delivered: 1, inFlight: 0, missing: 0 })
  })

  it('of an async handler stays open when the handler ends', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(
      fromHandler(async (_message, ctx) => {
        tickets.push(ctx.defer())
        return 'not the reply'
      }),
    )
    const record = await host.request('hello')
    const before = record.outcome

    const answered = tickets.map((ticket) => host.answer(ticket, 'later'))

    expect([before, answered, record.outcome]).toEqual(['open', [true], { reply: 'later' }])
  })

  it('cannot be answered after a crash', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(deferring(tickets))
    const record = await host.request('hello')
    await host.send('crash')
    await host.clock.advanceAsync(20)

    const answered = tickets.map((ticket) => host.answer(ticket, 'late'))

    expect([answered, record.outcome, record.ends]).toEqual([[false], 'ERR_ASK_ACTOR_CRASHED', 1])
  })

  it('cannot be answered after its asker has given up', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(deferring(tickets))
    const record = await host.request('hello', 1, 100)
    await host.clock.advanceAsync(100)

    const answered = tickets.map((ticket) => host.answer(ticket, 'late'))

    expect([answered, record.outcome]).toEqual([[false], 'ERR_ASK_TIMEOUT'])
  })

  it('that was a tell has a ticket that nothing is open for', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(deferring(tickets))
    await host.send('hello')

    const answered = tickets.map((ticket) => host.answer(ticket, 'x'))

    expect([answered, host.crashes]).toEqual([[false], []])
  })

  it('is forgotten when it ended elsewhere, so that open asks do not pile up', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(deferring(tickets))
    const first = host.begin(at(1), 'first', 50)
    await host.clock.advanceAsync(50)
    for (let index = 0; index < 1_100; index++) host.begin(at(1), index)
    await host.clock.rest()

    const answered = tickets.map((ticket) => host.answer(ticket, 'ok'))

    expect(first.outcome).toBe('ERR_ASK_TIMEOUT')
    expect(answered.filter((ok) => ok)).toHaveLength(1_100)
  })
})

describe('ctx.reject', () => {
  it('answers with the reason and the details, and is no crash', async () => {
    const host = await FakeHost.with(
      fromHandler((_message, ctx) => {
        ctx.reject('no seats', { seats: 0, reason: 'not this one' })
        return 'not the reply'
      }),
    )

    const record = await host.request('a seat')

    expect(record).toMatchObject({
      outcome: 'ERR_ASK_REJECTED',
      ends: 1,
      failure: { message: 'no seats', mayHaveRun: true, details: { seats: 0, reason: 'no seats' } },
    })
    expect([host.crashes, host.delivered, host.deadLetters]).toEqual([[], 1, []])
  })

  it('does nothing for a tell', async () => {
    const host = await FakeHost.with(fromHandler((_message, ctx) => ctx.reject('no')))

    await host.send('hello')

    expect(host).toMatchObject({ delivered: 1, crashes: [], missing: 0 })
  })

  it('takes the answer from a ticket that was made before', async () => {
    const tickets: AskTicket[] = []
    const host = await FakeHost.with(
      fromHandler((_message, ctx) => {
        tickets.push(ctx.defer())
        ctx.reject('no')
      }),
    )
    const record = await host.request('hello')

    const answered = tickets.map((ticket) => host.answer(ticket, 'yes'))

    expect([answered, record.outcome, record.ends]).toEqual([[false], 'ERR_ASK_REJECTED', 1])
  })
})
