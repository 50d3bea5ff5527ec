// A graceful close: what was accepted is done, everybody is told, and no ask is left without an end.
import { type AskTicket, type CloseReason, type Conn, fromHandler, type P2pNet } from 'p2pnet'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { addressOf, codeOf, startNode } from './nodes.ts'

const laterTurn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** A host and an asker that has dialled it; the host's 2:7 answers later, and is counted. */
async function stage() {
  const reasons: CloseReason[] = []
  const handled = { count: 0 }
  const host = await startNode([2, 1])
  const handler = fromHandler(
    async (message) => {
      await laterTurn()
      handled.count++
      return message
    },
    { concurrency: 8 },
  )
  host.spawn([2, 7], handler)
  const connListener = { onConnClose: (_conn: Conn, reason: CloseReason) => reasons.push(reason) }
  const asker = await startNode([1, 1], { connListener })
  await asker.dial(addressOf(host))
  return { host, asker, handled, reasons }
}

/** Asks without a pause until there is no route any more; how the asks ended, by code. */
async function askWhilePossible(net: P2pNet, end: readonly [number, number], askers: number) {
  const ends: Record<string, number> = {}
  const askOn = async (): Promise<void> => {
    for (let code = ''; !code.startsWith('ERR'); ) {
      code = await codeOf(net.ask(end, 1))
      ends[code] = (ends[code] ?? 0) + 1
    }
  }
  await Promise.all(Array.from({ length: askers }, askOn))
  return ends
}

describe('closing a net', () => {
  it('answers every ask that it has accepted, and says shutdown', async () => {
    const { host, asker, handled, reasons } = await stage()
    const asks = Array.from({ length: 1_000 }, (_, no) => asker.ask([2, 7], no))
    await until(() => host.stats().accepted === 1_000)

    await host.close()

    expect(await Promise.all(asks)).toEqual(asks.map((_, no) => no))
    expect(handled.count).toBe(1_000)
    await until(() => reasons.length > 0)
    expect(reasons).toEqual(['shutdown'])
  })

  it('does not wait for an answer that nobody waits for any more', async () => {
    const { host, asker } = await stage()
    host.spawn(
      [2, 8],
      fromHandler((_message, ctx) => void ctx.defer()),
    )
    await until(() => asker.where([2, 8]) !== undefined)
    const abort = new AbortController()
    const ask = codeOf(asker.ask([2, 8], 1, { signal: abort.signal, timeoutMs: 60_000 }))
    await until(() => host.stats().delivered === 1)

    const closed = host.close({ deadlineMs: 60_000 })
    abort.abort()
    await closed

    expect(await ask).toBe('ERR_ASK_ABORTED')
  })

  it('handles every tell that it has accepted', async () => {
    const { host, handled } = await stage()
    for (let no = 0; no < 2_000; no++) host.tell([2, 7], no)

    await host.close()

    expect(handled.count).toBe(2_000)
    expect(host.stats()).toMatchObject({ delivered: 2_000, deadLetters: 0, inFlight: 0 })
  })

  it('waits for an ask that an actor has deferred', async () => {
    const { host, asker } = await stage()
    const tickets: AskTicket[] = []
    host.spawn(
      [2, 8],
      fromHandler((_message, ctx) => void tickets.push(ctx.defer())),
    )
    await until(() => asker.where([2, 8]) !== undefined)
    const answer = asker.ask([2, 8], 'later?')
    await until(() => tickets.length === 1)

    const closed = host.close()
    await laterTurn()
    const [ticket] = tickets as [AskTicket]
    host.reply(ticket, 'later')
    await closed

    expect(await answer).toBe('later')
  })

  it('waits for the asks of its own actors at others', async () => {
    const { host, asker } = await stage()
    asker.spawn(
      [1, 7],
      fromHandler(() => laterTurn().then(() => 'from afar')),
    )
    await until(() => host.where([1, 7]) !== undefined)
    host.spawn(
      [2, 8],
      fromHandler((_message, ctx) => ctx.ask([1, 7], 'please')),
    )
    await until(() => asker.where([2, 8]) !== undefined)
    const answer = asker.ask([2, 8], 'ask for me')
    await until(() => host.stats().asksOpen === 1)

    await host.close()

    expect(await answer).toBe('from afar')
  })

  it('does not wait longer than its deadline for what never ends', async () => {
    const { host, asker } = await stage()
    host.spawn(
      [2, 8],
      fromHandler(() => new Promise(() => {})),
      { shutdownMs: 50 },
    )
    await until(() => asker.where([2, 8]) !== undefined)
    const ended = codeOf(asker.ask([2, 8], 'for ever'))
    await until(() => host.stats().inFlight === 1)

    const startedAt = performance.now()
    await host.close({ deadlineMs: 100 })
    const tookMs = performance.now() - startedAt

    expect(['ERR_ASK_ABORTED', 'ERR_ASK_PEER_CLOSED']).toContain(await ended)
    expect(tookMs).toBeLessThan(2_000)
  })

  it('in both directions at once ends in time, and every ask with it', async () => {
    const { host, asker } = await stage()
    asker.spawn(
      [1, 7],
      fromHandler((message) => laterTurn().then(() => message)),
    )
    await until(() => host.where([1, 7]) !== undefined)
    const asks = Array.from({ length: 500 }, (_, no) => [
      codeOf(asker.ask([2, 7], no)),
      codeOf(host.ask([1, 7], no)),
    ]).flat()
    await until(() => host.stats().accepted === 500 && asker.stats().accepted === 500)

    const startedAt = performance.now()
    await Promise.all([host.close(), asker.close()])
    const tookMs = performance.now() - startedAt

    expect(new Set(await Promise.all(asks))).toEqual(new Set(['resolved']))
    expect(tookMs).toBeLessThan(1_500)
  })

  it.each(['node', 'client'] as const)(
    'under the load of a %s loses no ask: what has no answer has not run',
    async (links) => {
      const host = await startNode([2, 1], { listen: { links } })
      let handled = 0
      host.spawn(
        [2, 7],
        fromHandler(() => laterTurn().then(() => handled++), { concurrency: 16 }),
      )
      const end = links === 'client' ? { endType: 10 } : ([1, 1] as const)
      const asker = await startNode(end, { listen: [] })
      await asker.dial(addressOf(host))
      const ended = askWhilePossible(asker, [2, 7], 64)
      await until(() => handled > 1_000)

      await host.close()

      const { resolved, ...failed } = await ended
      expect(resolved).toBe(handled)
      expect(failed).toEqual({ ERR_ASK_NO_ROUTE: 64 })
      expect(host.stats().inFlight).toBe(0)
    },
  )
})

describe('closing a peer', () => {
  it('answers what is under way over that conn, and leaves both nets running', async () => {
    const { host, asker, handled } = await stage()
    const other = await startNode([3, 1], { listen: [] })
    const peer = await other.dial(addressOf(host))
    const asks = Array.from({ length: 200 }, (_, no) => other.ask([2, 7], no))

    await peer.close()

    expect(await Promise.all(asks)).toHaveLength(200)
    expect([handled.count, peer.isOpen, other.state]).toEqual([200, false, 'running'])
    expect(await asker.ask([2, 7], 'still there?')).toBe('still there?')
    await until(() => host.where([3, 1]) === undefined)
  })
})
