// Two nodes that dial each other at once: one conn stays, and both dials resolve to it.

import { createP2pNet, fromHandler, type P2pNet } from 'p2pnet'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { addressOf, quiet } from './nodes.ts'

const rounds = 60

async function startBoth(): Promise<readonly [P2pNet, P2pNet]> {
  const make = (endType: number) => {
    const net = createP2pNet({ end: [endType, 1], listen: {}, logger: quiet })
    net.spawn(
      [endType, 7],
      fromHandler((message) => `${endType} ${message}`),
    )
    return net
  }
  const both = [make(1), make(2)] as const
  await Promise.all(both.map((net) => net.start()))
  return both
}

describe('two nodes that dial each other at once', () => {
  it(`keep one conn, over which both are reached, in each of ${rounds} rounds`, async () => {
    for (let round = 0; round < rounds; round++) {
      const [one, two] = await startBoth()
      const first = round % 2 === 0 ? [one, two] : [two, one]

      const dials = first.map((net) => net.dial(addressOf(net === one ? two : one)))
      const ends = (await Promise.all(dials)).map((peer) => peer.end.endType)
      await until(() => one.where([2, 7]) !== undefined && two.where([1, 7]) !== undefined)
      const replies = [await one.ask([2, 7], 'hello'), await two.ask([1, 7], 'hello')]

      expect(ends).toEqual(first[0] === one ? [2, 1] : [1, 2])
      expect(replies).toEqual(['2 hello', '1 hello'])
      await until(() => one.stats().conns === 1 && two.stats().conns === 1)
      await Promise.all([one.close(), two.close()])
    }
  })

  it('keep one conn however often they dial at once, and all dials resolve', async () => {
    for (let round = 0; round < 10; round++) {
      const [one, two] = await startBoth()

      const dials = Array.from({ length: 8 }, (_, no) =>
        no % 2 === 0 ? one.dial(addressOf(two)) : two.dial(addressOf(one)),
      )
      const settled = await Promise.allSettled(dials)
      await until(() => one.where([2, 7]) !== undefined && two.where([1, 7]) !== undefined)
      await until(() => one.stats().conns === 1 && two.stats().conns === 1)

      expect(settled.filter(({ status }) => status === 'rejected')).toEqual([])
      expect([await one.ask([2, 7], 'x'), await two.ask([1, 7], 'x')]).toEqual(['2 x', '1 x'])
      await Promise.all([one.close(), two.close()])
    }
  })
})

describe('a node that dials another one again and again', () => {
  it('has one conn, the newest one', async () => {
    const [one, two] = await startBoth()

    const peers = [
      await one.dial(addressOf(two)),
      await one.dial(addressOf(two)),
      await one.dial(addressOf(two)),
    ]
    await until(() => peers.map((peer) => peer.isOpen).join() === 'false,false,true')

    expect([one.stats().conns, two.stats().conns]).toEqual([1, 1])
    expect(await one.ask([2, 7], 'x')).toBe('2 x')
    await Promise.all([one.close(), two.close()])
  })
})
