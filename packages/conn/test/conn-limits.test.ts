import { encodePack, Kind } from '@p2pnet/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dialerWithPeer, isClosed, listenerWithPeer, openPair, type Side } from './conn-pair.ts'
import type { LinkEnd } from './link-end.ts'
import { control, packOf, reply, tell } from './packs.ts'
import { createSimWorld, turns, type World, worlds } from './world.ts'

const kib = 1024

/** Opens a listening conn for a bare peer, which reads nothing from then on. */
async function openUnread(world: World, side: Side, peer: LinkEnd): Promise<void> {
  peer.link.write(encodePack(control(Kind.hello)))
  await world.until(() => side.conn.phase === 'proving')
  peer.link.write(encodePack(control(Kind.prove)))
  await world.until(() => side.owner.opens === 1)
  peer.link.pause()
}

describe.each(worlds)('the write queue of a conn over %s', (_, createWorld) => {
  let world: World

  beforeEach(() => {
    world = createWorld()
  })

  afterEach(() => {
    world.end()
  })

  it('closes a client that does not read, near its limit', async () => {
    const { side, peer } = await listenerWithPeer(world, { linkClass: 'client' })
    await openUnread(world, side, peer)
    let queuedMax = 0

    for (let no = 0; side.conn.send(tell(no, 60_000)) === 'sent'; no++) {
      queuedMax = Math.max(queuedMax, side.conn.queuedBytes)
      if (no % 10 === 0) await turns(world)
    }
    await world.until(() => side.owner.closes.length === 1)

    expect(side.owner.closes).toEqual(['write_queue_full'])
    expect(queuedMax).toBeLessThanOrEqual(kib * kib)
    expect(queuedMax).toBeGreaterThan(kib * kib - 60_000)
  })

  it('tells a client that reads again why it is closed', async () => {
    const pair = await openPair(world, { linkClass: 'client' })

    for (let no = 0; pair.listener.conn.send(tell(no, 60_000)) === 'sent'; no++);
    await world.until(() => isClosed(pair))

    expect([pair.listener.owner.closes, pair.dialer.owner.closes]).toEqual([
      ['write_queue_full'],
      ['write_queue_full'],
    ])
  })

  it('refuses new work to a node when it is full, takes replies, and opens again', async () => {
    const pair = await openPair(world, { options: { writeQueueBytesMax: 1_048_576 } })
    const { conn } = pair.listener
    let accepted = 0
    while (conn.send(tell(accepted, 50_000)) === 'sent') accepted++

    const results = [conn.send(tell(0)), conn.send(tell(0, 50_000)), conn.send(reply(1, 50_000))]
    await world.until(() => conn.queuedBytes === 0)
    results.push(conn.send(tell(2)))
    await world.until(() => pair.dialer.owner.packs.length === accepted + 3)

    expect(results).toEqual(['sent', 'full', 'sent', 'sent'])
    // What the link takes at once does not count: a socket has buffers of its own.
    expect(accepted).toBeGreaterThanOrEqual(20)
    expect(conn.phase).toBe('open')
  })

  it('closes a node that causes control frames in order and reads none, at twice the limit', async () => {
    const { side, peer } = await listenerWithPeer(world, { options: { writeQueueBytesMax: 1_048_576 } })
    await openUnread(world, side, peer)
    let queuedMax = 0

    // A socket takes some megabytes before it is full.
    for (let sent = 0; sent < 1_000_000 && side.owner.errors.length === 0; sent++) {
      side.conn.sendInOrder(control(Kind.drained))
      queuedMax = Math.max(queuedMax, side.conn.queuedBytes)
      if (sent % 10_000 === 0) await turns(world)
    }
    await world.until(() => side.owner.closes.length === 1)

    expect(side.owner.closes).toEqual(['write_queue_full'])
    expect(queuedMax).toBeLessThanOrEqual(2 * 1_048_576)
  })

  it('closes a node conn for which even replies find no room at twice the limit', async () => {
    const pair = await openPair(world, { options: { writeQueueBytesMax: 1_048_576 } })
    let accepted = 0

    while (pair.dialer.conn.send(reply(accepted, 100_000)) === 'sent') accepted++
    await world.until(() => isClosed(pair))

    expect(accepted).toBe(20)
    expect(pair.dialer.owner.closes).toEqual(['write_queue_full'])
  })
})

describe('the limits of a conn', () => {
  it('close a peer that causes control frames and reads none', async () => {
    const world = createSimWorld()
    const { side, peer } = await listenerWithPeer(world)
    await openUnread(world, side, peer)
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => encodePack(packOf(Kind.ping, 0, 32))))

    for (let times = 0; times < 10 && side.owner.closes.length === 0; times++) {
      peer.link.write(pings)
      world.clock.settle()
    }
    await world.until(() => side.owner.closes.length === 1)

    expect(side.owner.closes).toEqual(['write_queue_full'])
  })

  it('hold from the frame that opens the conn on: before it 4 KiB, behind it what was announced', async () => {
    const world = createSimWorld()
    const { side, peer } = await dialerWithPeer(world)
    peer.link.write(encodePack(control(Kind.challenge)))
    world.clock.settle()

    peer.link.write(Buffer.concat([control(Kind.registered), tell(1, 500_000)].map(encodePack)))
    world.clock.settle()

    expect([side.owner.packs, side.conn.phase]).toEqual([['tell 1 499976'], 'open'])
  })
})
