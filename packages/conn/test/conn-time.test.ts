import { controlPack, encodePack, Kind, readReason } from '@p2pnet/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { ViolationError } from '../src/errors.ts'
import { dialerWithPeer, isClosed, listenerWithPeer, makeSide, openPair, type Side } from './conn-pair.ts'
import { FakeLink } from './fake-link.ts'
import type { LinkEnd } from './link-end.ts'
import { control, decodeAll, tell } from './packs.ts'
import { createSimWorld, type SimWorld } from './world.ts'

let world: SimWorld

/** How long it takes until a conn is closed, ms. */
async function timeToClose(side: Side): Promise<number> {
  const from = world.clock.mono()
  await world.until(() => side.owner.closes.length > 0)
  return world.clock.mono() - from
}

/** What a bare peer was told last. */
const toldTo = (peer: LinkEnd) => decodeAll([peer.bytes]).at(-1)

function openDialer(side: Side, peer: LinkEnd): void {
  for (const kind of [Kind.challenge, Kind.registered]) peer.link.write(encodePack(control(kind)))
  world.clock.settle()
  expect(side.conn.phase).toBe('open')
}

beforeEach(() => {
  world = createSimWorld()
})

describe('the heartbeats of a conn', () => {
  it('keep an idle conn open', async () => {
    const { dialer, listener } = await openPair(world)

    world.clock.advance(600_000)

    expect([dialer.conn.phase, listener.conn.phase]).toEqual(['open', 'open'])
    expect(dialer.conn.roundTripMs).toBe(0)
    expect(listener.conn.stats.packsIn).toBeGreaterThan(100)
  })

  it.each([
    ['dialer', 'listener'],
    ['listener', 'dialer'],
  ] as const)(
    'keep a conn open on which only the %s has anything to say, and are few',
    async (speaks, hears) => {
      const pair = await openPair(world)
      const before = pair[hears].conn.stats.packsIn

      for (let seconds = 0; seconds < 120; seconds++) {
        pair[speaks].conn.send(tell(seconds))
        world.clock.advance(1_000)
      }

      expect([pair.dialer.conn.phase, pair.listener.conn.phase]).toEqual(['open', 'open'])
      expect(pair[hears].owner.packs).toHaveLength(120)
      expect(pair[hears].conn.stats.packsIn - before).toBeLessThan(120 + 2 * 24 + 2)
    },
  )

  it('find a silent peer dead and tell it so', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)

    const ms = await timeToClose(side)

    expect(side.owner.closes).toEqual(['silent'])
    expect(ms).toBeGreaterThanOrEqual(13_000)
    expect(ms).toBeLessThanOrEqual(15_000)
    const told = toldTo(peer)
    expect(told && [told.kind, readReason(told)]).toEqual([Kind.bye, 'silent'])
  })

  it('take any byte for life, also one of a frame that has not ended', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)
    const bytes = encodePack(tell(1, 100))

    for (const byte of bytes.subarray(0, 99)) {
      peer.link.write(Uint8Array.of(byte))
      world.clock.advance(10_000)
    }

    expect(side.conn.phase).toBe('open')
  })

  it('forgive a stall of our own', async () => {
    const { dialer, listener } = await openPair(world)

    world.clock.stall(60_000)
    world.clock.advance(10_000)

    expect([dialer.conn.phase, listener.conn.phase]).toEqual(['open', 'open'])
  })
})

describe('the deadlines of a conn', () => {
  it('end a dial after 8 s when its link never opens', async () => {
    const side = makeSide(world, { role: 'dialer', link: new FakeLink(), given: {} })

    const ms = await timeToClose(side)

    expect(side.owner.closes).toEqual(['connect_timeout'])
    expect(ms).toBe(8_000)
  })

  it.each([
    ['node', 10_000],
    ['client', 5_000],
  ] as const)('reject a %s that says nothing after %i ms', async (linkClass, expectedMs) => {
    const { side, peer } = await listenerWithPeer(world, { linkClass })
    peer.onEnd = () => peer.link.end()

    const ms = await timeToClose(side)

    expect(side.owner.closes).toEqual(['register_timeout'])
    expect(ms).toBe(expectedMs)
    const told = toldTo(peer)
    expect(told && [told.kind, readReason(told)]).toEqual([Kind.rejected, 'register_timeout'])
  })

  it('give a handshake one time for all its steps', async () => {
    const { side, peer } = await listenerWithPeer(world)
    peer.onEnd = () => peer.link.end()
    world.clock.advance(9_000)
    peer.link.write(encodePack(control(Kind.hello)))

    const ms = await timeToClose(side)

    expect([side.owner.closes, ms]).toEqual([['register_timeout'], 1_000])
  })

  it('end a conn whose proof is never judged', async () => {
    const { side, peer } = await listenerWithPeer(world)
    side.owner.accept = () => {}
    for (const kind of [Kind.hello, Kind.prove]) peer.link.write(encodePack(control(kind)))
    world.clock.settle()

    const phase = side.conn.phase
    await timeToClose(side)

    expect([phase, side.owner.closes]).toEqual(['judging', ['register_timeout']])
  })

  it('are forgiven a stall of our own', async () => {
    const { side, peer } = await listenerWithPeer(world)
    peer.link.write(encodePack(control(Kind.hello)))
    world.clock.settle()

    world.clock.stall(60_000)
    world.clock.advance(5_000)

    expect(side.conn.phase).toBe('proving')
  })
})

describe('a conn that closes', () => {
  it('waits for a peer that never answers drain as long as it was told, then says bye', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)
    peer.onEnd = () => peer.link.end()

    side.conn.close('shutdown', 3_000)
    const ms = await timeToClose(side)

    expect(side.owner.closes).toEqual(['shutdown'])
    expect(ms).toBe(3_000)
    expect(
      decodeAll([peer.bytes])
        .map((pack) => pack.kind)
        .slice(-2),
    ).toEqual([Kind.drain, Kind.bye])
  })

  it('waits a second for a peer that never ends its half', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)

    side.conn.kick('kicked')
    const ms = await timeToClose(side)

    expect(ms).toBeGreaterThanOrEqual(1_000)
    expect(ms).toBeLessThanOrEqual(1_250)
  })

  it.each(['greeting', 'proving', 'judging'] as const)(
    'after a violation while %s waits a second for the end, not for the time to register',
    async (phase) => {
      const { side, peer } = await listenerWithPeer(world)
      side.owner.accept = () => {
        throw new ViolationError('bad_proof', 'another secret')
      }
      if (phase !== 'greeting') peer.link.write(encodePack(control(Kind.hello)))

      peer.link.write(encodePack(phase === 'judging' ? control(Kind.prove) : tell(1)))
      const ms = await timeToClose(side)

      const reason = phase === 'judging' ? 'bad_proof' : 'kind_not_allowed'
      const told = toldTo(peer)
      expect(told && [told.kind, readReason(told)]).toEqual([Kind.rejected, reason])
      expect([side.owner.closes, peer.count('end')]).toEqual([[reason], 1])
      expect(ms >= 1_000 && ms <= 1_250).toBe(true)
    },
  )

  it('waits no longer for a peer that says bye again and again', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)
    side.conn.kick('kicked')

    for (let times = 0; times < 20 && side.owner.closes.length === 0; times++) {
      peer.link.write(encodePack(controlPack(Kind.bye, Uint8Array.of(0, 1))))
      world.clock.advance(500)
    }

    expect(side.owner.closes).toEqual(['kicked'])
  })

  it('is destroyed after a second when its peer does not even read the bye', async () => {
    const { side, peer } = await dialerWithPeer(world)
    openDialer(side, peer)
    peer.link.pause()
    for (let no = 0; no < 100; no++) side.conn.send(tell(no, 50_000))
    world.clock.settle()

    side.conn.kick('kicked')
    const ms = await timeToClose(side)

    expect(ms).toBeLessThanOrEqual(1_250)
    expect(side.owner.closes).toEqual(['kicked'])
  })

  it('leaves no timer behind, and no second close', async () => {
    const pairs = [await openPair(world), await openPair(world), await openPair(world)]

    for (const { dialer } of pairs) dialer.conn.close()
    await world.until(() => pairs.every(isClosed))
    world.clock.advance(60_000)

    expect(world.clock.timers).toBe(0)
    for (const { dialer, listener } of pairs) {
      expect([dialer.owner.closes, listener.owner.closes]).toEqual([['normal'], ['normal']])
    }
  })
})
