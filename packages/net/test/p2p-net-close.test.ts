import { type AskTicket, fromHandler } from '@p2pnet/actor'
import { describe, expect, it } from 'vitest'
import { rejectionOf, until } from '../../../test/support/until.ts'
import type { P2pNet } from '../src/p2p-net.ts'
import { startNet, startPair } from './nets.ts'

/** Hosts 3:1, which answers nobody by itself; gives the tickets of its asks. */
function hostDeferring(net: P2pNet): AskTicket[] {
  const tickets: AskTicket[] = []
  const keep = fromHandler((_message, ctx) => void tickets.push(ctx.defer()))
  net.spawn([3, 1], keep)
  return tickets
}

const deadlineMs = 10_000

/** Whether a close took no more than a part of its deadline. */
async function isEarly(closing: Promise<void>): Promise<boolean> {
  const startedAt = performance.now()
  await closing
  return performance.now() - startedAt < deadlineMs / 2
}

describe('a close with time left', () => {
  it('ends with the last deferred ask of this node', async () => {
    const net = await startNet([1, 1])
    const tickets = hostDeferring(net)
    const answer = net.ask([3, 1], 'later')
    await until(() => tickets.length === 1)

    const closing = isEarly(net.close({ deadlineMs }))
    setImmediate(() => net.reply(tickets[0] as AskTicket, 'now')) // There is one.

    expect([await answer, await closing]).toEqual(['now', true])
  })

  it.each(['one', 'two'] as const)(
    'ends with the last ask between two nodes that expires: %s',
    async (who) => {
      const pair = await startPair()
      const tickets = hostDeferring(pair.two)
      await until(() => pair.one.where([3, 1]) !== undefined)
      const error = rejectionOf(pair.one.ask([3, 1], 'never', { timeoutMs: 100 }))
      await until(() => tickets.length === 1)

      const closing = isEarly(pair[who].close({ deadlineMs }))

      expect(await error).toMatchObject({ code: 'ERR_ASK_TIMEOUT' })
      expect(await closing).toBe(true)
    },
  )
})

it('stops with what spawn returned only the actor that was spawned', async () => {
  const net = await startNet([1, 1])
  const first = net.spawn(
    [3, 1],
    fromHandler((_message, ctx) => ctx.stop()),
  )
  await net.ask([3, 1], 'stop')
  await until(() => net.where([3, 1]) === undefined)
  const second = net.spawn(
    [3, 1],
    fromHandler(() => 'second'),
  )

  await first.stop()
  const answer = await net.ask([3, 1], 'hello')
  await second.stop()

  expect([answer, net.where([3, 1])]).toEqual(['second', undefined])
})
