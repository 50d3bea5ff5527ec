import type { CloseReason } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import type { SimClock } from '../../../test/support/sim-clock.ts'
import { type DialedPeer, fromHandler, type P2pNet } from '../src/index.ts'
import { addressOf, type GivenOptions, simWorld } from './nets.ts'

const echo = fromHandler((message) => message)
const port = 7_000

/** Node 1:1, and a node 2:1 that may go and come back on the same port. Chance always says the middle. */
async function stage(options: { readonly one?: GivenOptions; readonly two?: GivenOptions } = {}) {
  const { clock, make } = simWorld()
  const dials: number[] = []
  const one = make([1, 1], options.one)
  await one.start()
  const startTwo = async (): Promise<P2pNet> => {
    const two = make([2, 1], {
      listen: { port },
      connListener: { onConnOpen: () => void dials.push(clock.mono()) },
      ...options.two,
    })
    two.spawn([2, 7], echo)
    await two.start()
    return two
  }
  const two = await startTwo()
  return { clock, one, two, startTwo, dials }
}

/** What a promise says while simulated time passes. */
async function within<Value>(clock: SimClock, ms: number, promise: Promise<Value>): Promise<Value> {
  const settled = promise.then(
    () => {},
    () => {},
  )
  await clock.advanceAsync(ms)
  await settled
  return promise
}

const dial = (clock: SimClock, one: P2pNet, options?: object): Promise<DialedPeer> =>
  within(clock, 1_000, one.dial({ port }, options))

describe('a dialled peer', () => {
  it('says who it is and whether it is open', async () => {
    const { clock, one } = await stage()

    const peer = await dial(clock, one)

    expect([peer.end, peer.isOpen]).toEqual([{ endType: 2, endNo: 1 }, true])
    expect(await within(clock, 10, one.ask([2, 7], 'hello'))).toBe('hello')
  })

  it('is not dialled again without reconnect', async () => {
    const { clock, one, two, startTwo, dials } = await stage()
    const peer = await dial(clock, one)

    await within(clock, 10_000, two.close())
    await startTwo()
    await clock.advanceAsync(60_000)

    expect([peer.isOpen, dials.length]).toEqual([false, 1])
  })

  it('closes once, however often it is asked to, and says why to its peer', async () => {
    const reasons: CloseReason[] = []
    const connListener = { onConnClose: (_: unknown, reason: CloseReason) => reasons.push(reason) }
    const { clock, one } = await stage({ two: { connListener } })
    const peer = await dial(clock, one, { reconnect: true })

    await within(clock, 10_000, Promise.all([peer.close(), peer.close()]))
    await clock.advanceAsync(60_000)

    expect([peer.isOpen, reasons]).toEqual([false, ['normal']])
    expect(one.where([2, 7])).toBeUndefined()
  })
})

describe('a dialled peer with reconnect', () => {
  it('is dialled again when it is back, and its ends are reached again', async () => {
    const { clock, one, two, startTwo } = await stage()
    const peer = await dial(clock, one, { reconnect: true })
    await within(clock, 10_000, two.close())
    const between = [peer.isOpen, one.where([2, 7])]

    await startTwo()
    await clock.advanceAsync(5_000)

    expect(between).toEqual([false, undefined])
    expect(peer.isOpen).toBe(true)
    expect(await within(clock, 10, one.ask([2, 7], 'again'))).toBe('again')
  })

  it('waits longer after each failure, up to its limit, and short again after a success', async () => {
    const attempts: number[] = []
    const { clock, one, two, startTwo } = await stage({
      one: { connListener: { onConnClose: () => void attempts.push(0) } },
    })
    await dial(clock, one, { reconnect: true })
    await within(clock, 10_000, two.close())
    const before = attempts.length

    await clock.advanceAsync(60_000)
    const perMinute = attempts.length - before
    await startTwo()
    await clock.advanceAsync(5_000)

    // Waits are half of 100, 200, 400 ... 3000 ms: six short ones, then one in 1.5 s.
    expect(perMinute).toBeGreaterThan(38)
    expect(perMinute).toBeLessThan(46)
    expect(one.where([2, 7])).toEqual({ endType: 2, endNo: 1 })
  })

  it('is dialled by one attempt at a time, and never after the net has closed', async () => {
    const { clock, one, two, startTwo, dials } = await stage()
    await dial(clock, one, { reconnect: true })
    await within(clock, 10_000, two.close())

    await within(clock, 10_000, one.close())
    await startTwo()
    await clock.advanceAsync(60_000)

    expect(dials).toHaveLength(1)
  })

  it('stops at its close, also while it waits to dial', async () => {
    const { clock, one, two, startTwo, dials } = await stage()
    const peer = await dial(clock, one, { reconnect: true })
    await within(clock, 10_000, two.close())

    await within(clock, 10_000, peer.close())
    await startTwo()
    await clock.advanceAsync(60_000)

    expect([dials.length, peer.isOpen]).toEqual([1, false])
  })

  it('that does not answer the first time is not dialled again: the caller is told', async () => {
    const { clock, make } = simWorld()
    const one = make([1, 1])
    await one.start()

    const failed = await within(
      clock,
      1_000,
      one.dial({ port: 9 }, { reconnect: true }).catch((error) => error),
    )

    expect(failed).toMatchObject({ code: 'ERR_CONN_DIAL_FAILED' })
  })

  it('finds a client again under the number it was given, without trying to be a node first', async () => {
    const reasons: CloseReason[] = []
    const { clock, make } = simWorld()
    const client = make({ endType: 10 }, { listen: [] })
    const startGateway = async () => {
      const connListener = { onConnClose: (_: unknown, reason: CloseReason) => reasons.push(reason) }
      const gateway = make([2, 1], { listen: { port, links: 'client' }, connListener })
      await gateway.start()
      return gateway
    }
    await client.start()
    const first = await startGateway()
    await within(clock, 1_000, client.dial(addressOf(first), { reconnect: true }))
    await within(clock, 10_000, first.close())

    const second = await startGateway()
    await clock.advanceAsync(40_000)

    expect([client.end, second.ends(10)]).toEqual([{ endType: 10, endNo: 1 }, [{ endType: 10, endNo: 1 }]])
    expect(reasons).toEqual(['shutdown'])
  })

  it('dialled twice is one conn, which neither takes from the other', async () => {
    const { clock, one, two, startTwo, dials } = await stage()
    const peers = [await dial(clock, one, { reconnect: true }), await dial(clock, one, { reconnect: true })]
    await clock.advanceAsync(60_000)
    const before = { dials: dials.length, isOpen: peers.map((peer) => peer.isOpen) }

    await within(clock, 10_000, two.close())
    await startTwo()
    await clock.advanceAsync(60_000)

    expect(before).toEqual({ dials: 2, isOpen: [true, true] })
    expect(peers.map((peer) => peer.isOpen)).toEqual([true, true])
    expect(dials.length).toBeLessThanOrEqual(4)
  })
})
