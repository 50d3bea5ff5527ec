// The accounting of a net: accepted = delivered + dead letters + in flight, always, and asks likewise.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { rejectionOf, until } from '../../../test/support/until.ts'
import { fromHandler, type NetStats, type P2pNet } from '../src/index.ts'
import { LogBook, startNet, startPair } from './nets.ts'

const end = [2, 7] as const
const never = () => new Promise<never>(() => {})

function expectBalance(stats: NetStats): void {
  // Summed over the actors: the net's own figure is derived from the other three and would always fit.
  const inFlight = stats.actors.reduce((sum, actor) => sum + actor.inFlight, 0)
  expect(stats.accepted).toBe(stats.delivered + stats.deadLetters + inFlight)
  expect(stats.asks).toBe(stats.asksReplied + stats.asksFailed + stats.asksOpen)
  const reasons = Object.values(stats.deadLettersByReason)
  expect(reasons.reduce((sum, count) => sum + count, 0)).toBe(stats.deadLetters)
}

/** One of each way in which a message can end. */
const actorOfAllFates = fromHandler(async (fate: string, ctx) => {
  if (fate === 'crash') throw new Error('on purpose')
  if (fate === 'reject') ctx.reject('no')
  if (fate === 'stop') ctx.stop()
  if (fate === 'slow') await new Promise((resolve) => setTimeout(resolve, 3))
  return fate
})

const fates = ['reply', 'crash', 'reject', 'stop', 'slow'] as const

describe('the accounting of a net', () => {
  it('is balanced whatever messages meet', async () => {
    const message = fc.record({ fate: fc.constantFrom(...fates), isAsk: fc.boolean(), isShort: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
        const { one, two } = await startPair()
        const options = {
          mailbox: { messagesMax: 12 },
          backoff: { minMs: 0, maxMs: 1 },
          intensity: { restarts: 99 },
        }
        two.spawn(end, actorOfAllFates, options)
        await until(() => one.where(end) !== undefined)

        const asks = messages.map(({ fate, isAsk, isShort }) => {
          const sender = fate.length % 2 === 0 ? one : two
          return isAsk ? sender.ask(end, fate, { timeoutMs: isShort ? 2 : 1_000 }) : sender.tell(end, fate)
        })
        for (const net of [one, two]) expectBalance(net.stats())
        await Promise.allSettled(asks)
        await until(() => two.stats().inFlight === 0)

        for (const net of [one, two]) expectBalance(net.stats())
        expect(one.stats().asksOpen + two.stats().asksOpen).toBe(0)
      }),
      { numRuns: 30 },
    )
  })

  it('counts what was delivered, what waits and what is under way', async () => {
    const net = await startNet([1, 1])
    net.spawn(
      end,
      fromHandler((message) => (message === 'stay' ? never() : message)),
      { shutdownMs: 1 },
    )
    for (const message of ['go', 'go', 'stay', 'wait', 'wait']) net.tell(end, message)

    await until(() => net.stats().delivered === 2 && net.stats().actors[0]?.queued === 2)

    const stats = net.stats()
    expect(stats).toMatchObject({ tells: 5, accepted: 5, delivered: 2, deadLetters: 0, inFlight: 3 })
    expect(stats.actors).toEqual([
      { end: '2:7', behaviour: 'handler', state: 'busy', restarts: 0, queued: 2, inFlight: 3 },
    ])
  })

  it('counts crashes and restarts, and shows an actor that crash loops', async () => {
    const net = await startNet([1, 1])
    const handler = fromHandler(() => {
      throw new Error('on purpose')
    })
    net.spawn(end, handler, { intensity: { restarts: 1 }, backoff: { minMs: 1, maxMs: 60_000 } })
    for (let no = 0; no < 3; no++) net.tell(end, no)

    await until(() => net.stats().actors[0]?.state === 'crash looping')

    expect(net.stats()).toMatchObject({
      crashes: 2,
      restarts: 1,
      deadLettersByReason: { crashed: 2 },
      inFlight: 1,
    })
  })

  it('counts conns, routes, packs and bytes of both sides alike', async () => {
    const { one, two } = await startPair()
    two.spawn(
      end,
      fromHandler((message) => message),
    )
    await until(() => one.where(end) !== undefined)
    await one.ask(end, 'x')

    expect([one.stats().conns, one.stats().routes, two.stats().routes]).toEqual([1, 2, 1])
    await Promise.all([one.close(), two.close()])

    const [mine, theirs] = [one.stats(), two.stats()]
    expect([mine.bytesOut, mine.bytesIn]).toEqual([theirs.bytesIn, theirs.bytesOut])
    expect(mine).toMatchObject({ connsOpened: 1, connsClosed: 1, conns: 0, queuedBytes: 0, routes: 0 })
    expect([mine.packsOut, theirs.packsOut]).toEqual([1, 1])
  })
})

describe('dead letters', () => {
  const reasonsOf = (net: P2pNet) => net.stats().deadLettersByReason

  it('have a reason each', async () => {
    const net = await startNet([1, 1])
    net.tell([9, 9], 'nobody')
    const actor = net.spawn(end, fromHandler(never), { mailbox: { messagesMax: 1 }, shutdownMs: 1 })
    for (const message of ['taken', 'queued', 'full']) net.tell(end, message)
    await until(() => net.stats().actors[0]?.state === 'busy')
    await rejectionOf(net.ask(end, 'full too'))

    await actor.stop()

    expect(reasonsOf(net)).toMatchObject({
      no_route: 1,
      stopped: expect.any(Number),
      mailbox_full: expect.any(Number),
    })
    expectBalance(net.stats())
    expect(net.stats()).toMatchObject({ accepted: 5, deadLetters: 5 })
  })

  it('are logged with growing distance', async () => {
    const logger = new LogBook()
    const net = await startNet([1, 1], undefined, { logger })

    for (let no = 0; no < 1_000; no++) net.tell([9, 9], no)

    expect(reasonsOf(net)).toEqual({ no_route: 1_000 })
    const counts = logger.lines.filter(({ message }) => message === 'dead letter').map(({ fields }) => fields)
    expect(counts).toHaveLength(10)
    expect(counts.at(-1)).toEqual({ from: '1:1', to: '9:9', reason: 'no_route', count: 512 })
  })

  it('of asks that were given up are not handled', async () => {
    const handled: unknown[] = []
    const net = await startNet([1, 1])
    net.spawn(
      end,
      fromHandler((message) => void handled.push(message)),
    )
    const controller = new AbortController()
    const aborted = rejectionOf(net.ask(end, 'given up', { signal: controller.signal }))

    controller.abort()
    await aborted
    await net.ask(end, 'next')

    expect(handled).toEqual(['next'])
    expect(reasonsOf(net)).toEqual({ cancelled: 1 })
  })
})
