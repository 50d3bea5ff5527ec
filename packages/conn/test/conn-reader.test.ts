import { type CloseReason, controlPack, encodePack, Kind, readReason, WireError } from '@p2pnet/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ViolationError } from '../src/errors.ts'
import { dialerWithPeer, isClosed, joinConns, listenerWithPeer, openPair, type Side } from './conn-pair.ts'
import type { LinkEnd } from './link-end.ts'
import { control, decodeAll, tell } from './packs.ts'
import { turns, type World, worlds } from './world.ts'

const frame = (kind: Kind) => encodePack(control(kind))
const framesOf = (peer: LinkEnd) => decodeAll([peer.bytes])

/** The reason that a bare peer was told, after it has ended its half too. */
async function reasonTold(world: World, side: Side, peer: LinkEnd): Promise<CloseReason | undefined> {
  await world.until(() => peer.count('end') === 1)
  peer.link.end()
  await world.until(() => side.owner.closes.length === 1)
  const last = framesOf(peer).at(-1)
  return last === undefined ? undefined : readReason(last)
}

describe.each(worlds)('what a conn over %s reads', (_, createWorld) => {
  let world: World

  beforeEach(() => {
    world = createWorld()
  })

  afterEach(() => {
    world.end()
  })

  const refused = [Kind.hello, Kind.prove, Kind.registered, Kind.hold, Kind.watch, 0x30 as Kind]

  it.each(refused)('closes an open conn for kind %i, and both sides learn why', async (kind) => {
    const pair = await openPair(world)

    pair.dialer.conn.sendInOrder(control(kind))
    await world.until(() => isClosed(pair))

    expect(pair.listener.owner.closes).toEqual(['kind_not_allowed'])
    expect(pair.dialer.owner.closes).toEqual(['kind_not_allowed'])
  })

  it('skips an unknown kind that may be ignored', async () => {
    const { dialer, listener } = await openPair(world)

    dialer.conn.sendInOrder(control(0x90 as Kind))
    dialer.conn.send(tell(1))
    await world.until(() => listener.owner.packs.length === 1)

    expect([listener.conn.phase, listener.conn.stats.discarded]).toEqual(['open', 1])
  })

  it('lets a client neither announce nor ask its gateway to drain', async () => {
    const pair = await openPair(world, { linkClass: 'client' })

    pair.dialer.conn.sendInOrder(control(Kind.announce))
    await world.until(() => isClosed(pair))

    expect([pair.listener.owner.closes, pair.listener.owner.controls]).toEqual([['kind_not_allowed'], []])
  })

  it.each([
    ['kind_not_allowed', frame(Kind.tell)],
    ['kind_not_allowed', frame(Kind.prove)],
    ['bad_length', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['bad_length', Buffer.from([0, 0, 0, 19, 0xa1])],
    ['frame_too_large', Buffer.from([0, 0, 0x10, 0x01])],
    ['bad_version', Buffer.from([0, 0, 0, 20, 0xa2])],
    ['bad_header', Buffer.from(frame(Kind.hello)).fill(1, 15, 16)],
  ] as const)('rejects a dialer with %s when it must, and says so', async (reason, bytes) => {
    const { side, peer } = await listenerWithPeer(world)

    peer.link.write(bytes)
    const told = await reasonTold(world, side, peer)

    expect([told, side.owner.closes]).toEqual([reason, [reason]])
    expect(framesOf(peer).map((pack) => pack.kind)).toEqual([Kind.rejected])
  })

  it('closes for an input that turns invalid halfway, after it has delivered what was valid', async () => {
    const { dialer, listener } = await openPair(world)

    dialer.conn.send(tell(1))
    await world.until(() => listener.owner.packs.length === 1)
    dialer.link.write(Buffer.concat([encodePack(tell(2)), Buffer.from([1])]))
    await world.until(() => isClosed({ dialer, listener }))

    expect(listener.owner.packs).toEqual(['tell 1 0', 'tell 2 0'])
    // The turn of what came before the violation has ended too.
    expect(listener.owner.turns.at(-1)).toBe(2)
    expect([listener.owner.closes, dialer.owner.closes]).toEqual([['bad_length'], ['bad_length']])
  })

  it('takes frames of 4 KiB before it is open', async () => {
    const { side, peer } = await listenerWithPeer(world)

    peer.link.write(encodePack(controlPack(Kind.hello, new Uint8Array(4_096 - 20))))
    await world.until(() => side.conn.phase === 'proving')

    expect(side.owner.closes).toEqual([])
  })

  it('holds its input while it judges, and reads all of it afterwards', async () => {
    const { side, peer } = await listenerWithPeer(world)
    side.owner.accept = () => {}
    peer.link.write(frame(Kind.hello))
    await world.until(() => side.conn.phase === 'proving')
    peer.link.write(Buffer.concat([frame(Kind.prove), encodePack(tell(0))]))
    await world.until(() => side.conn.phase === 'judging')
    // Separate turns, so that they come as separate chunks.
    for (let no = 1; no < 9; no++) {
      peer.link.write(encodePack(tell(no, 10_000)))
      await turns(world)
    }
    const held = side.owner.packs.length

    side.conn.open(1_000_000)
    await world.until(() => side.owner.packs.length === 9)

    expect(held).toBe(0)
    expect(side.owner.packs).toEqual([
      'tell 0 0',
      ...Array.from({ length: 8 }, (_, no) => `tell ${no + 1} 9976`),
    ])
  })

  it('holds back a peer that goes on writing while it judges', async () => {
    const { side, peer } = await listenerWithPeer(world)
    side.owner.accept = () => {}
    for (const kind of [Kind.hello, Kind.prove]) peer.link.write(frame(kind))
    await world.until(() => side.conn.phase === 'judging')

    const written = peer.writeUntilBusy()
    await turns(world)

    expect(written.length).toBeGreaterThanOrEqual(64 * 1024)
    expect(side.conn.stats.bytesIn).toBe(48)
  })

  it('delivers nothing of a peer that never registered, when it is closed while that peer writes', async () => {
    const { side, peer } = await listenerWithPeer(world)
    side.conn.kick('bad_proof')
    await world.until(() => peer.count('end') === 1)

    for (const kind of [Kind.reply, Kind.fail, Kind.drained, Kind.drain]) peer.link.write(frame(kind))
    peer.link.end()
    await world.until(() => side.owner.closes.length === 1)

    expect([side.owner.packs, side.owner.controls, side.owner.faults]).toEqual([[], [], []])
    expect(side.owner.closes).toEqual(['bad_proof'])
  })

  it('reads a bye in any phase', async () => {
    const { side, peer } = await dialerWithPeer(world)
    await world.until(() => peer.bytes.length > 0)

    peer.link.write(encodePack(controlPack(Kind.bye, Uint8Array.of(0, 2))))
    await world.until(() => peer.count('end') === 1)
    peer.link.end()
    await world.until(() => side.owner.closes.length === 1)

    expect(side.owner.closes).toEqual(['shutdown'])
  })
})

describe.each(worlds)('an owner that throws, over %s', (_, createWorld) => {
  let world: World

  beforeEach(() => {
    world = createWorld()
  })

  afterEach(() => {
    world.end()
  })

  it.each([
    [new Error('our own fault'), 'internal_error'],
    [new ViolationError('bad_source', 'a spoofed source'), 'bad_source'],
    [new WireError('ERR_WIRE_PAYLOAD_REFUSED', 'too deep'), 'bad_payload'],
  ] as const)('in onPack (%s) closes that conn with %s, and no other', async (error, reason) => {
    const pair = await openPair(world)
    const other = await openPair(world)
    pair.listener.owner.hooks = {
      onPack: () => {
        throw error
      },
    }

    pair.dialer.conn.send(tell(1))
    pair.dialer.conn.send(tell(2))
    await world.until(() => isClosed(pair))

    expect([pair.listener.owner.closes, pair.dialer.owner.closes]).toEqual([[reason], [reason]])
    expect(pair.listener.owner.packs).toEqual(['tell 1 0'])
    expect(pair.listener.owner.faults).toEqual(reason === 'internal_error' ? [error] : [])
    expect(other.dialer.conn.phase).toBe('open')
  })

  it.each(['onConnected', 'onHandshake', 'onOpen', 'onControl', 'onTurn', 'onDraining', 'onClose'] as const)(
    'in %s closes that conn, once, and lets no error out',
    async (name) => {
      const pair = await joinConns(world)
      const fault = new Error(name)
      pair.dialer.owner.hooks = {
        [name]: () => {
          throw fault
        },
      }

      pair.listener.conn.sendAhead(control(Kind.hello))
      await turns(world)
      pair.dialer.conn.close()
      await world.until(() => isClosed(pair))

      expect(pair.dialer.owner.closes).toHaveLength(1)
      expect(pair.dialer.conn.phase).toBe('closed')
    },
  )
})
