import type { Conn } from '@p2pnet/conn'
import { describe, expect, it } from 'vitest'
import { rejectionOf, thrownBy, until } from '../../../test/support/until.ts'
import { type Behaviour, fromHandler, type SpawnOptions } from '../src/index.ts'
import { type GivenOptions, startNet, startPair } from './nets.ts'

const end = [2, 7] as const
const never = () => new Promise<never>(() => {})

describe('an ask', () => {
  it('to an end that nobody holds has no route', async () => {
    const net = await startNet([1, 1])

    expect(await rejectionOf(net.ask([9, 9], 1))).toMatchObject({
      code: 'ERR_ASK_NO_ROUTE',
      mayHaveRun: false,
    })
  })

  it('of an actor to itself is a deadlock', async () => {
    const net = await startNet([1, 1])
    net.spawn(
      end,
      fromHandler((message, ctx) =>
        message === 'inner' ? 1 : ctx.ask(ctx.self, 'inner').catch((e) => e.code),
      ),
    )

    expect(await net.ask(end, 'outer')).toBe('ERR_ASK_DEADLOCK')
  })

  it.each([0, -1, 1.5, '5', 2 ** 31])('with timeoutMs %s is refused', async (timeoutMs) => {
    const net = await startNet([1, 1])

    const error = await rejectionOf(net.ask(end, 1, { timeoutMs: timeoutMs as number }))

    expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE', details: { option: 'timeoutMs' } })
  })

  it('before a client has its number rejects, and a tell throws', async () => {
    const client = await startNet({ endType: 10 }, undefined, { listen: [] })

    expect(await rejectionOf(client.ask(end, 1))).toMatchObject({ code: 'ERR_NET_END_UNKNOWN' })
    expect(thrownBy(() => client.tell(end, 1))).toMatchObject({ code: 'ERR_NET_END_UNKNOWN' })
  })

  it('beyond the asks that may be open is overloaded', async () => {
    const net = await startNet([1, 1], undefined, { limits: { asksMax: 2 } })
    net.spawn(end, fromHandler(never), { shutdownMs: 1 })
    const open = [1, 2].map((no) => rejectionOf(net.ask(end, no, { timeoutMs: 50 })))

    const error = await rejectionOf(net.ask(end, 3))

    expect(error).toMatchObject({ code: 'ERR_ASK_OVERLOADED', mayHaveRun: false })
    expect(await Promise.all(open)).toMatchObject([{ code: 'ERR_ASK_TIMEOUT' }, { code: 'ERR_ASK_TIMEOUT' }])
  })
})

describe('an ask over a conn', () => {
  /** Node 1:1, and node 2:1 with an actor that the first knows. */
  async function stage(logic: Behaviour, options: GivenOptions & { spawn?: SpawnOptions } = {}) {
    const { spawn, ...two } = options
    const conns: Conn[] = []
    const pair = await startPair({ one: { connListener: { onConnOpen: (conn) => conns.push(conn) } }, two })
    pair.two.spawn(end, logic, { shutdownMs: 1, ...spawn })
    await until(() => pair.one.where(end) !== undefined)
    return { ...pair, conn: conns[0] as Conn } // A pair has dialled.
  }

  it('ends when the conn does, and its actor sees the signal aborted', async () => {
    const signals: AbortSignal[] = []
    const handler = fromHandler((_message, ctx) => {
      signals.push(ctx.signal)
      return never()
    })
    const { one, conn } = await stage(handler)
    const ended = rejectionOf(one.ask(end, 1))
    await until(() => signals.length === 1)

    conn.destroy()

    expect(await ended).toMatchObject({ code: 'ERR_ASK_PEER_CLOSED', mayHaveRun: true })
    await until(() => signals[0]?.aborted === true)
    expect(await rejectionOf(one.ask(end, 1))).toMatchObject({ code: 'ERR_ASK_NO_ROUTE' })
  })

  it('of a value that cannot travel is refused where it is sent, and counts as no ask', async () => {
    const { one } = await stage(fromHandler((message) => message))

    const errors = [await rejectionOf(one.ask(end, () => {})), thrownBy(() => one.tell(end, Symbol('x')))]

    expect(errors).toMatchObject(errors.map(() => ({ code: 'ERR_WIRE_PAYLOAD_UNENCODABLE' })))
    const { asks, asksReplied, asksFailed, asksOpen } = one.stats()
    expect([asks, asksReplied, asksFailed, asksOpen]).toEqual([0, 0, 0, 0])
  })

  it.each([
    ['cannot travel', () => () => {}],
    ['is too large', () => 'x'.repeat(2 ** 20)],
  ])('is rejected if the reply %s', async (_, reply) => {
    const { one } = await stage(fromHandler(reply))

    const error = await rejectionOf(one.ask(end, 1))

    expect(error).toMatchObject({ code: 'ERR_ASK_REJECTED', mayHaveRun: true })
  })

  it.each([
    ['cannot travel', { value: () => {} }],
    ['are too large', { value: 'x'.repeat(2 ** 20) }],
  ])('is rejected with its reason if the details %s', async (_, details) => {
    const { one } = await stage(fromHandler((_message, ctx) => ctx.reject('no', details)))

    const error = await rejectionOf(one.ask(end, 1, { timeoutMs: 1_000 }))

    expect(error).toMatchObject({ code: 'ERR_ASK_REJECTED', message: 'no' })
  })

  it('that is too large is rejected and not sent', async () => {
    const { one, two } = await stage(fromHandler((message) => message))

    const error = await rejectionOf(one.ask(end, 'x'.repeat(2 ** 20)))
    one.tell(end, 'x'.repeat(2 ** 20))

    expect(error).toMatchObject({ code: 'ERR_ASK_REJECTED', mayHaveRun: false })
    expect(one.stats().deadLettersByReason).toEqual({ not_sent: 1 })
    expect(two.stats().accepted).toBe(0)
  })

  it('is overloaded when the write queue is full', async () => {
    const { one } = await startPair({ one: { limits: { node: { writeQueueBytesMax: 2 ** 20 } } } })
    const value = 'x'.repeat(700_000)

    const errors = await Promise.all([1, 2].map(() => rejectionOf(one.ask([2, 1], value))))

    expect(errors.map((error) => (error as { code: string }).code)).toEqual([
      'ERR_ASK_NO_ROUTE',
      'ERR_ASK_OVERLOADED',
    ])
  })

  it('is overloaded beyond the asks that the other node works on at a time', async () => {
    const { one } = await stage(fromHandler(never), { limits: { node: { asksMax: 2 } } })

    const asks = [1, 2, 3].map((no) => rejectionOf(one.ask(end, no, { timeoutMs: 500 })))

    expect(await asks[2]).toMatchObject({ code: 'ERR_ASK_OVERLOADED', mayHaveRun: false })
    expect(one.stats()).toMatchObject({ asksOpen: 2 })
  })

  it("that has timed out while it waited in the other node's mailbox is not begun", async () => {
    const handled: unknown[] = []
    let release = (): void => {}
    const handler = fromHandler(async (message) => {
      handled.push(message)
      await new Promise<void>((resolve) => {
        release = resolve
      })
    })
    const { one, two } = await stage(handler)
    one.tell(end, 'long')
    await until(() => handled.length === 1)
    const before = two.stats().packsIn

    const error = await rejectionOf(one.ask(end, 'short', { timeoutMs: 20 }))
    // The ask and its cancel.
    await until(() => two.stats().packsIn === before + 2)
    release()
    await until(() => two.stats().inFlight === 0)

    expect(error).toMatchObject({ code: 'ERR_ASK_TIMEOUT' })
    expect(handled).toEqual(['long'])
    expect(two.stats().deadLetters).toBe(1)
  })
})
