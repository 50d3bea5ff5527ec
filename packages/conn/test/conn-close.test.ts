import { controlPack, encodePack, Kind, type Phase } from '@p2pnet/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dialerWithPeer, isClosed, makeSide, openPair, type Pair, type Side } from './conn-pair.ts'
import { FakeOwner } from './fake-owner.ts'
import { anyPort, LinkEnd } from './link-end.ts'
import { ask, control, decodeAll, packOf, reply, tell } from './packs.ts'
import { type World, worlds } from './world.ts'

const closesOf = ({ dialer, listener }: Pair) => [dialer.owner.closes, listener.owner.closes]
const bye = (code: number) => encodePack(controlPack(Kind.bye, Uint8Array.of(0, code)))

describe.each(worlds)('closing a conn over %s', (_, createWorld) => {
  let world: World

  beforeEach(() => {
    world = createWorld()
  })

  afterEach(() => {
    world.end()
  })

  describe('gracefully', () => {
    it('loses no accepted write, and both sides learn the reason', async () => {
      const pair = await openPair(world)
      const results = Array.from({ length: 400 }, (_, no) => pair.dialer.conn.send(tell(no, 10_000)))

      pair.dialer.conn.close('shutdown')
      await world.until(() => isClosed(pair))

      expect(new Set(results)).toEqual(new Set(['sent']))
      expect(pair.listener.owner.packs).toEqual(results.map((_, no) => `tell ${no} 9976`))
      expect(closesOf(pair)).toEqual([['shutdown'], ['shutdown']])
    })

    it('loses no accepted write while the peer writes too, which is read and discarded', async () => {
      const pair = await openPair(world)
      for (let no = 0; no < 400; no++) {
        pair.dialer.conn.send(tell(no, 10_000))
        pair.listener.conn.send(tell(no, 10_000))
      }

      pair.dialer.conn.close()
      await world.until(() => isClosed(pair))

      expect(pair.listener.owner.packs).toHaveLength(400)
      expect(pair.dialer.owner.packs.length + pair.dialer.conn.stats.discarded).toBe(400)
      expect(pair.dialer.conn.stats.discarded).toBeGreaterThan(0)
    })

    it('delivers the replies that the peer still owes, and no new work', async () => {
      const pair = await openPair(world)
      pair.listener.owner.hooks = {
        onControl: (conn) => {
          conn.send(tell(1))
          conn.send(reply(2))
          conn.sendInOrder(control(Kind.drained))
        },
      }

      pair.dialer.conn.close()
      await world.until(() => isClosed(pair))

      expect(pair.dialer.owner.packs).toEqual(['reply 2 0'])
      expect(pair.dialer.conn.stats.discarded).toBe(1)
      expect(closesOf(pair)).toEqual([['normal'], ['normal']])
    })

    it('tells its owner of an ask that comes too late, who may answer it, and of no tell', async () => {
      const pair = await openPair(world)
      pair.listener.owner.hooks = {
        onControl: (conn) => {
          for (const pack of [tell(1), ask(2), reply(3)]) conn.send(pack)
          conn.sendInOrder(control(Kind.drained))
        },
      }
      pair.dialer.owner.hooks = {
        onLatePack: (conn, { callSeq }) => conn.send(packOf(Kind.fail, callSeq)),
      }

      pair.dialer.conn.close()
      await world.until(() => isClosed(pair))

      const { latePacks, packs } = pair.dialer.owner
      expect([latePacks, packs, pair.dialer.conn.stats.discarded]).toEqual([['ask 2 0'], ['reply 3 0'], 2])
      expect(pair.listener.owner.packs).toEqual(['fail 2 0'])
    })

    it('sends until the peer has drained, and nothing behind bye', async () => {
      const pair = await openPair(world)
      const results: string[] = []
      pair.dialer.owner.hooks = {
        onDraining: (conn) => {
          results.push(conn.send(reply(1)))
          conn.advance('drained')
        },
      }

      pair.dialer.conn.close()
      results.push(pair.dialer.conn.send(reply(2)))
      await world.until(() => isClosed(pair))

      expect(results).toEqual(['sent', 'closed'])
      expect(pair.listener.owner.packs).toEqual(['reply 1 0'])
    })

    it('ends when both sides close at once', async () => {
      const pair = await openPair(world)

      pair.dialer.conn.close('shutdown')
      pair.listener.conn.close('replaced')
      await world.until(() => isClosed(pair))

      expect(closesOf(pair)).toEqual([['shutdown'], ['replaced']])
    })

    it.each(['dialer', 'listener'] as const)('ends a client link that its %s closes', async (role) => {
      const pair = await openPair(world, { linkClass: 'client' })
      pair.dialer.conn.send(tell(1))
      pair.listener.conn.send(tell(2))

      pair[role].conn.close()
      await world.until(() => isClosed(pair))

      expect(closesOf(pair)).toEqual([['normal'], ['normal']])
      expect(pair.dialer.owner.packs.length + pair.listener.owner.packs.length).toBeGreaterThan(0)
    })
  })

  it('accepts nothing more to send once the peer has said bye', async () => {
    const { side, peer } = await dialerWithPeer(world)
    for (const kind of [Kind.challenge, Kind.registered]) peer.link.write(encodePack(control(kind)))
    await world.until(() => side.owner.opens === 1)

    peer.link.write(bye(2))
    await world.until(() => side.conn.phase === 'draining')

    expect([side.conn.send(tell(1)), side.conn.send(reply(2))]).toEqual(['closed', 'closed'])
    expect(side.conn.queuedBytes).toBe(0)
  })

  it('by destroy drops what waits and tells the peer nothing but the end of its link', async () => {
    const pair = await openPair(world)
    pair.dialer.conn.send(tell(1))

    pair.dialer.conn.destroy('shutdown')
    const atOnce = [...pair.dialer.owner.closes]
    await world.until(() => isClosed(pair))

    expect(atOnce).toEqual(['shutdown'])
    expect([pair.dialer.conn.phase, pair.dialer.conn.queuedBytes]).toEqual(['closed', 0])
    expect(['link_failed', 'peer_ended']).toContain(pair.listener.owner.closes[0])
    expect(pair.listener.owner.packs).toEqual([])
  })

  it.each(['dialer', 'listener'] as const)('ends when the link of its %s is cut', async (role) => {
    const pair = await openPair(world)

    pair[role].link.destroy()
    await world.until(() => isClosed(pair))

    expect(closesOf(pair).map((closes) => closes.length)).toEqual([1, 1])
    for (const [reason] of closesOf(pair)) expect(['link_failed', 'peer_ended']).toContain(reason)
  })

  it('ends a dial to nobody', async () => {
    const server = await world.links.listen(anyPort, (link) => new LinkEnd(link))
    await server.close()

    const link = world.links.dial(server.address)
    const side = makeSide(world, { role: 'dialer', link, given: {} })
    await world.until(() => side.owner.closes.length === 1)

    expect([side.owner.closes, side.conn.phase]).toEqual([['connect_failed'], 'closed'])
  })

  it('writes a frame that has begun to its end before bye', async () => {
    const { side, peer } = await dialerWithPeer(world)
    for (const kind of [Kind.challenge, Kind.registered]) peer.link.write(encodePack(control(kind)))
    await world.until(() => side.owner.opens === 1)
    peer.link.pause()
    for (let no = 0; no < 14; no++) side.conn.send(tell(no, 1_000_000))
    await world.until(() => side.conn.stats.bytesOut > 60_000)

    side.conn.kick('kicked')
    peer.link.resume()
    await world.until(() => peer.count('end') === 1)

    expect(decodeAll([peer.bytes]).at(-1)?.kind).toBe(Kind.bye)
  })

  const phases = ['connecting', 'greeting', 'proving', 'judging', 'open', 'draining'] as const
  const ways = ['close', 'kick', 'destroy'] as const
  const cells = phases.flatMap((phase) => ways.map((way) => ({ phase, way })))

  it.each(cells)(
    'by $way while $phase, any number of times, closes once for the first reason',
    async (cell) => {
      const { conn, owner } = await dialerIn(world, cell.phase)

      for (const reason of ['shutdown', 'replaced', 'normal'] as const) conn[cell.way](reason)
      if (cell.phase === 'draining') conn.destroy('kicked')
      await world.until(() => owner.closes.length > 0)
      for (const way of ways) conn[way]('kicked')

      expect(owner.closes).toEqual([cell.phase === 'draining' ? 'same_instance' : 'shutdown'])
      expect([conn.phase, conn.send(tell(1))]).toEqual(['closed', 'closed'])
    },
  )
})

/** A dialling conn that stays in a phase; its peer ends when it sees the end. */
async function dialerIn(world: World, phase: Phase): Promise<Side> {
  const owner = new FakeOwner()
  owner.hooks = {
    onHandshake: (conn, pack) => {
      if (phase === 'judging' && pack.kind === Kind.registered) conn.advance('proved')
      else owner.shakeHands(conn, pack)
    },
    onDraining: (conn) => {
      if (phase !== 'draining') conn.advance('drained')
    },
  }
  if (phase === 'connecting') {
    const server = await world.links.listen(anyPort, (link) => new LinkEnd(link))
    world.cleanups.push(() => void server.close())
    return makeSide(world, {
      role: 'dialer',
      link: world.links.dial(server.address),
      given: { dialer: { owner } },
    })
  }
  const { side, peer } = await dialerWithPeer(world, { dialer: { owner } })
  peer.onEnd = () => peer.link.end()
  if (phase !== 'greeting') peer.link.write(encodePack(control(Kind.challenge)))
  if (phase !== 'greeting' && phase !== 'proving') peer.link.write(encodePack(control(Kind.registered)))
  if (phase === 'draining') {
    await world.until(() => side.conn.phase === 'open')
    side.conn.close('same_instance')
  }
  await world.until(() => side.conn.phase === phase)
  return side
}
