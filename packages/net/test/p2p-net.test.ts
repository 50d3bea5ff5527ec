import { describe, expect, it } from 'vitest'
import { createMachine, fromPromise } from 'xstate'
import { rejectionOf, thrownBy, until } from '../../../test/support/until.ts'
import { createP2pNet, fromHandler } from '../src/index.ts'
import type { SpawnPlace } from '../src/spawn-place.ts'
import { addressOf, makeNet, newMemory, startNet, startPair } from './nets.ts'

const echo = fromHandler((message) => ({ echo: message }))

describe('spawning', () => {
  it('before start holds messages back until start, and afterwards starts at once', async () => {
    const net = makeNet([1, 1], newMemory())
    net.spawn([2, 7], echo)
    const early = net.ask([2, 7], 'early')

    await net.start()
    net.spawn([2, 8], echo)
    const late = net.ask([2, 8], 'late')

    expect(await early).toEqual({ echo: 'early' })
    expect(await late).toEqual({ echo: 'late' })
  })

  it('takes an end as a pair or as an object, and says which one it got', async () => {
    const net = await startNet([1, 1])

    const ends = [net.spawn([2, 7], echo).end, net.spawn({ endType: 2, endNo: 8 }, echo).end]

    expect(ends).toEqual([
      { endType: 2, endNo: 7 },
      { endType: 2, endNo: 8 },
    ])
  })

  it('by type takes the next free number, past those that are held here or elsewhere', async () => {
    const { one, two } = await startPair()
    one.spawn([3, 1], echo)
    two.spawn([3, 2], echo)
    await until(() => one.where([3, 2]) !== undefined)

    const numbers = [one.spawn(3, echo).end.endNo, one.spawn(3, echo).end.endNo]

    expect(numbers).toEqual([3, 4])
  })

  it('by type does not give a number again at once, so that late messages meet nobody', async () => {
    const net = await startNet([1, 1])
    const first = net.spawn(3, echo)
    await first.stop()

    expect(net.spawn(3, echo).end.endNo).toBe(2)
  })

  it("at 'self' listens at this node's own end", async () => {
    const { one, two } = await startPair()

    const { end } = two.spawn('self', echo)

    expect(end).toEqual({ endType: 2, endNo: 1 })
    expect(await one.ask([2, 1], 'you')).toEqual({ echo: 'you' })
  })

  it("at 'self' waits for the number of a client, which only one may wait for", async () => {
    const links = newMemory()
    const gateway = await startNet([2, 1], links, { listen: { links: 'client' } })
    const client = await startNet({ endType: 10 }, links, { listen: [] })
    const self = client.spawn('self', echo)

    const early = thrownBy(() => self.end)
    const second = thrownBy(() => client.spawn('self', echo))
    await client.dial(addressOf(gateway))

    expect(early).toMatchObject({ code: 'ERR_NET_END_UNKNOWN' })
    expect(second).toMatchObject({ code: 'ERR_NET_END_TAKEN' })
    expect(self.end).toEqual({ endType: 10, endNo: 1 })
    expect(await gateway.ask([10, 1], 'client')).toEqual({ echo: 'client' })
  })

  it('takes machines and other xstate logic', async () => {
    const net = await startNet([1, 1])

    net.spawn([2, 7], createMachine({}))
    net.spawn(
      [2, 8],
      fromPromise(() => new Promise(() => {})),
    )

    expect(net.stats().actors).toMatchObject([
      { end: '2:7', behaviour: 'machine', state: 'idle' },
      { end: '2:8', behaviour: 'machine', state: 'idle' },
    ])
  })
})

describe('spawning is refused', () => {
  it.each([
    ['a function', () => 'reply'],
    ['nothing', undefined],
    ['a promise', Promise.resolve(echo)],
    ['any object', {}],
  ])('for %s that is no logic', async (_, logic) => {
    const net = await startNet([1, 1])

    const error = thrownBy(() => net.spawn([2, 7], logic as never))

    expect(error).toMatchObject({ code: 'ERR_ACTOR_BAD_LOGIC' })
    expect(net.where([2, 7])).toBeUndefined()
  })

  it.each([
    [{ restart: 'always' }, 'ERR_OPTION_BAD_VALUE'],
    [{ restarts: 3 }, 'ERR_OPTION_UNKNOWN'],
    [{ mailbox: { messagesMax: 0 } }, 'ERR_OPTION_BAD_VALUE'],
  ])('with the options %o', async (options, code) => {
    const net = await startNet([1, 1])

    expect(thrownBy(() => net.spawn([2, 7], echo, options as object))).toMatchObject({ code })
    expect(net.where([2, 7])).toBeUndefined()
  })

  it.each([[[0, 0]], [[2, 70_000]], [256], [-1], ['me'], [undefined]])('at %o', async (place) => {
    const net = await startNet([1, 1])

    const error = thrownBy(() => net.spawn(place as unknown as SpawnPlace, echo))

    expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE' })
  })

  it('at an end that is held: here, by a peer, by the peer itself, or as our own', async () => {
    const { one, two } = await startPair()
    two.spawn([3, 2], echo)
    await until(() => one.where([3, 2]) !== undefined)
    one.spawn([3, 1], echo)
    one.spawn('self', echo)

    const places = [[3, 1], [3, 2], [2, 1], [1, 1], 'self'] as const
    const codes = places.map((place) => thrownBy(() => one.spawn(place, echo)))

    expect(codes).toMatchObject(places.map(() => ({ code: 'ERR_NET_END_TAKEN' })))
  })

  it('at an end whose actor is still stopping, and works afterwards', async () => {
    const net = await startNet([1, 1])
    const stopping = net.spawn([2, 7], echo).stop()

    const error = thrownBy(() => net.spawn([2, 7], echo))
    await stopping
    net.spawn([2, 7], echo)

    expect(error).toMatchObject({ code: 'ERR_NET_END_TAKEN' })
    expect(await net.ask([2, 7], 1)).toEqual({ echo: 1 })
  })

  it('by type when all its numbers are in use', async () => {
    const net = makeNet([1, 1], newMemory())
    for (let no = 1; no <= 0xffff; no++) net.spawn([3, no], echo)

    expect(thrownBy(() => net.spawn(3, echo))).toMatchObject({ code: 'ERR_NET_ENDS_EXHAUSTED' })
  })

  it('after a close', async () => {
    const net = await startNet([1, 1])
    await net.close()

    expect(thrownBy(() => net.spawn([2, 7], echo))).toMatchObject({ code: 'ERR_NET_CLOSED' })
  })
})

describe('where and ends', () => {
  it('know what is here, what is elsewhere and what is nowhere', async () => {
    const { one, two } = await startPair()
    two.spawn([3, 2], echo)
    one.spawn([3, 1], echo)
    await until(() => one.where([3, 2]) !== undefined)

    expect(one.where([1, 1])).toBe('local')
    expect(one.where([3, 1])).toBe('local')
    expect(one.where({ endType: 3, endNo: 2 })).toEqual({ endType: 2, endNo: 1 })
    expect(one.where([2, 1])).toEqual({ endType: 2, endNo: 1 })
    expect(one.where([3, 9])).toBeUndefined()
    expect(one.ends(3).map((end) => end.endNo)).toEqual([1, 2])
    expect([one.ends(1), one.ends(9)]).toEqual([[{ endType: 1, endNo: 1 }], []])
  })

  it('forget what is stopped, at the peers too', async () => {
    const { one, two } = await startPair()
    const actor = two.spawn([3, 2], echo)
    await until(() => one.where([3, 2]) !== undefined)

    await actor.stop()
    await actor.stop()
    await until(() => one.where([3, 2]) === undefined)

    expect([two.where([3, 2]), two.ends(3)]).toEqual([undefined, []])
  })

  it('keep the end of an actor that crashes and restarts', async () => {
    const { one, two } = await startPair()
    const fragile = fromHandler((message) => {
      if (message === 'crash') throw new Error('on purpose')
      return message
    })
    two.spawn([3, 2], fragile)
    await until(() => one.where([3, 2]) !== undefined)

    const error = await rejectionOf(one.ask([3, 2], 'crash'))

    expect(error).toMatchObject({ code: 'ERR_ASK_ACTOR_CRASHED', mayHaveRun: true })
    expect(one.where([3, 2])).toEqual({ endType: 2, endNo: 1 })
    expect(await one.ask([3, 2], 'again')).toBe('again')
  })

  it('refuse what is no end', () => {
    const net = createP2pNet({ end: [1, 1] })

    expect(thrownBy(() => net.where([0, 0]))).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE' })
  })
})

describe('stopping an actor', () => {
  it('that nobody knows does nothing', async () => {
    const net = await startNet([1, 1])

    await expect(net.stop([2, 7])).resolves.toBeUndefined()
  })

  it("that waits at 'self' for a number means that it never starts", async () => {
    const links = newMemory()
    const gateway = await startNet([2, 1], links, { listen: { links: 'client' } })
    const client = await startNet({ endType: 10 }, links, { listen: [] })

    await client.spawn('self', echo).stop()
    await client.dial(addressOf(gateway))

    expect(client.stats().actors).toEqual([])
  })
})
