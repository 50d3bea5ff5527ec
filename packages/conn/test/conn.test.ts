import { encodePack, Kind, readReason } from '@p2pnet/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dialerWithPeer, isClosed, listenerWithPeer, openPair } from './conn-pair.ts'
import { FakeOwner } from './fake-owner.ts'
import { control, decodeAll, packOf, reply, tell } from './packs.ts'
import { type World, worlds } from './world.ts'

describe.each(worlds)('a conn over %s', (_, createWorld) => {
  let world: World

  beforeEach(() => {
    world = createWorld()
  })

  afterEach(() => {
    world.end()
  })

  it('opens by a handshake, once on each side', async () => {
    const { dialer, listener } = await openPair(world)

    expect([dialer.conn.phase, listener.conn.phase]).toEqual(['open', 'open'])
    expect([dialer.owner.opens, listener.owner.opens]).toEqual([1, 1])
    expect([dialer.conn.isLoopback, dialer.conn.state]).toEqual([true, 'open'])
  })

  it('sends nothing before it is open', async () => {
    const { side, peer } = await dialerWithPeer(world)
    await world.until(() => peer.bytes.length > 0)

    const early = side.conn.send(tell(1))
    for (const kind of [Kind.challenge, Kind.registered]) peer.link.write(encodePack(control(kind)))
    await world.until(() => side.owner.opens === 1)
    const late = side.conn.send(tell(2))
    await world.until(() => decodeAll([peer.bytes]).length === 3)

    expect([early, late]).toEqual(['closed', 'sent'])
    expect(decodeAll([peer.bytes]).map((pack) => pack.kind)).toEqual([Kind.hello, Kind.prove, Kind.tell])
  })

  it('carries packs both ways, in order and whole', async () => {
    const { dialer, listener } = await openPair(world)
    const sizes = Array.from({ length: 300 }, (_, no) => 24 + ((no * 7_919) % 3_000))

    for (const [no, size] of sizes.entries()) {
      dialer.conn.send(tell(no, size))
      listener.conn.send(reply(no, size))
    }
    dialer.conn.send(tell(300, 900_000))
    await world.until(() => listener.owner.packs.length === 301 && dialer.owner.packs.length === 300)

    expect(dialer.owner.packs).toEqual(sizes.map((size, no) => `reply ${no} ${size - 24}`))
    expect(listener.owner.packs).toEqual([
      ...sizes.map((size, no) => `tell ${no} ${size - 24}`),
      'tell 300 899976',
    ])
  })

  it('counts packs and bytes of both directions', async () => {
    const { dialer, listener } = await openPair(world)

    dialer.conn.send(tell(1, 1_000))
    await world.until(() => listener.owner.packs.length === 1)
    await world.until(() => dialer.conn.queuedBytes === 0)

    expect(dialer.conn.stats).toMatchObject({ packsIn: 2, packsOut: 1, bytesIn: 48, bytesOut: 1_048 })
    expect(listener.conn.stats).toMatchObject({ packsIn: 3, packsOut: 0, bytesIn: 1_048, bytesOut: 48 })
  })

  it('gives its owner a turn after every 256 packs of a chunk, and after each chunk', async () => {
    const { side, peer } = await listenerWithPeer(world)
    peer.link.write(encodePack(control(Kind.hello)))
    await world.until(() => side.conn.phase === 'proving')
    peer.link.write(encodePack(control(Kind.prove)))
    await world.until(() => side.owner.opens === 1)

    peer.link.write(Buffer.concat(Array.from({ length: 600 }, (_, no) => encodePack(tell(no)))))
    await world.until(() => side.owner.packs.length === 600)

    await world.until(() => side.owner.turns.includes(600))

    expect(side.owner.turns.slice(-3)).toEqual([256, 512, 600])
  })

  it('refuses a pack over the limit that its listener announced', async () => {
    const dialerOwner = new FakeOwner()
    dialerOwner.frameBytesMax = 5_000
    const { dialer, listener } = await openPair(world, { dialer: { owner: dialerOwner } })

    const results = [dialer.conn.send(tell(1, 5_005)), dialer.conn.send(tell(2, 5_004))]
    await world.until(() => listener.owner.packs.length === 1)

    expect(results).toEqual(['too_large', 'sent'])
    expect([dialer.conn.phase, listener.owner.packs]).toEqual(['open', ['tell 2 4980']])
  })

  it('sends control frames ahead of packs that wait, or behind them', async () => {
    const { dialer, listener } = await openPair(world)
    const seen: string[] = []
    listener.owner.hooks = {
      onPack: () => seen.push('tell'),
      onControl: (_, pack) => seen.push(`kind ${pack.kind}`),
    }

    dialer.conn.send(tell(1))
    dialer.conn.sendInOrder(control(Kind.announce))
    dialer.conn.sendAhead(control(Kind.withdraw))
    await world.until(() => seen.length === 3)

    expect(seen).toEqual([`kind ${Kind.withdraw}`, 'tell', `kind ${Kind.announce}`])
  })

  it('answers a ping and measures the round trip of its own', async () => {
    const { side, peer } = await dialerWithPeer(world)
    await world.until(() => peer.bytes.length > 0)
    peer.link.write(encodePack(control(Kind.challenge)))
    peer.link.write(encodePack(control(Kind.registered)))
    await world.until(() => side.owner.opens === 1)

    peer.link.write(encodePack(packOf(Kind.ping, 0, 32)))
    await world.until(() => decodeAll([peer.bytes]).some((pack) => pack.kind === Kind.pong))

    const pong = decodeAll([peer.bytes]).find((pack) => pack.kind === Kind.pong)
    expect(Buffer.from(pong?.payload ?? [])).toEqual(packOf(Kind.ping, 0, 32).payload)
    expect([side.conn.roundTripMs, side.owner.controls]).toEqual([undefined, []])
  })

  it('takes packs that come right behind the frame that opens it', async () => {
    const { side, peer } = await dialerWithPeer(world)
    await world.until(() => peer.bytes.length > 0)
    peer.link.write(encodePack(control(Kind.challenge)))

    peer.link.write(Buffer.concat([control(Kind.registered), tell(1, 60_000), tell(2)].map(encodePack)))
    await world.until(() => side.owner.packs.length === 2)

    expect(side.owner.packs).toEqual(['tell 1 59976', 'tell 2 0'])
  })

  it('closes both sides with the reason when the other is closed, and tells the peer with bye', async () => {
    const pair = await openPair(world)

    pair.dialer.conn.kick('kicked')
    await world.until(() => isClosed(pair))

    expect([pair.dialer.owner.closes, pair.listener.owner.closes]).toEqual([['kicked'], ['kicked']])
  })

  it('tells its owner of a violation, then of the close', async () => {
    const pair = await openPair(world)
    const closesAtError: number[] = []
    pair.listener.owner.hooks = { onError: () => closesAtError.push(pair.listener.owner.closes.length) }

    pair.dialer.link.write(Uint8Array.of(9))
    await world.until(() => isClosed(pair))

    expect(pair.listener.owner.errors.map(({ code }) => code)).toEqual(['ERR_WIRE_BAD_LENGTH'])
    expect([closesAtError, pair.listener.owner.closes]).toEqual([[0], ['bad_length']])
  })

  it('rejects a dialer during the handshake with the reason', async () => {
    const { side, peer } = await listenerWithPeer(world)

    side.conn.kick('end_taken')
    await world.until(() => peer.count('end') === 1)
    peer.link.end()
    await world.until(() => side.owner.closes.length === 1)

    const packs = decodeAll([peer.bytes])
    expect(packs.map((pack) => [pack.kind, readReason(pack)])).toEqual([[Kind.rejected, 'end_taken']])
    expect([side.owner.closes, side.owner.opens]).toEqual([['end_taken'], 0])
  })
})
