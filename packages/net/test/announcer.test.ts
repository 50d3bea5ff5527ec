import {
  type AnnouncedRange,
  announcePack,
  type EndId,
  type EndRange,
  endId,
  Kind,
  rangesPack,
  readAnnounce,
  readRanges,
  systemClock,
} from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { Announcer } from '../src/announcer.ts'
import type { NetError } from '../src/errors.ts'
import { NetState } from '../src/net-state.ts'
import { resolveNetOptions } from '../src/options.ts'
import { type FakePeer, type FakePeerGiven, fakePeer } from './fake-peers.ts'

const ownEnd = endId(2, 1)

/** An announcer of a node that hosts these ends. */
function newAnnouncer(hosted: readonly EndId[] = [], routesMax = 262_144) {
  const state = new NetState(resolveNetOptions({ end: [2, 1], limits: { routesMax }, clock: systemClock }))
  const cells = hosted.map((end) => ({ end }))
  // An announcer asks its supervisor only what it hosts.
  state.actors = {
    get: (end: EndId) => cells.find((cell) => cell.end === end),
    cells: () => cells,
  } as unknown as NetState['actors']
  const announcer = new Announcer(state)
  const join = (given: FakePeerGiven): FakePeer => {
    const fake = fakePeer(given)
    state.peers.set(fake.peer.conn, fake.peer)
    return fake
  }
  return { announcer, state, join }
}

const node1 = endId(1, 1)
const node3 = endId(3, 1)

const announced = (range: Partial<AnnouncedRange>) =>
  announcePack({
    isLast: false,
    ranges: [{ endType: 5, lo: 1, hi: 1, origin: node1, epoch: 10, hops: 0, ...range }],
  })

const rangesOf = ({ endType, lo, hi }: EndRange): string => `${endType}:${lo}..${hi}`

describe('the first run of announces', () => {
  it('is one empty frame, flagged as the last, if nothing is hosted', () => {
    const { announcer, join } = newAnnouncer()
    const { peer, sent } = join({ end: node1 })

    announcer.announceAll(peer)

    expect(sent.map(readAnnounce)).toEqual([{ isLast: true, ranges: [] }])
  })

  it('says the fewest ranges, without our own end, with us as their origin', () => {
    const hosted = [endId(4, 9), endId(4, 7), endId(4, 8), endId(5, 8), endId(4, 11), ownEnd]
    const { announcer, join } = newAnnouncer(hosted)
    const { peer, sent } = join({ end: node1 })

    announcer.announceAll(peer)

    const ranges = sent.flatMap((pack) => readAnnounce(pack).ranges)
    expect(ranges.map(rangesOf)).toEqual(['4:7..9', '4:11..11', '5:8..8'])
    expect(ranges[0]).toMatchObject({ origin: ownEnd, hops: 0 })
  })

  it('is cut into frames that fit before any limit, and only the last is flagged', () => {
    const hosted = Array.from({ length: 200 }, (_, no) => endId(4, 2 * no + 1))
    const { announcer, join } = newAnnouncer(hosted)
    const { peer, sent } = join({ end: node1 })

    announcer.announceAll(peer)

    expect(sent.map((pack) => readAnnounce(pack).isLast)).toEqual([false, false, false, true])
    expect(sent.flatMap((pack) => readAnnounce(pack).ranges)).toHaveLength(200)
    expect(Math.max(...sent.map((pack) => pack.size))).toBeLessThan(1_024)
  })
})

describe('an end that is added or removed', () => {
  it('is announced and withdrawn to open nodes, and to nobody else', () => {
    const { announcer, join } = newAnnouncer()
    const open = join({ end: node1 })
    const [draining, closed, unheard] = [join({ phase: 'draining' }), join({}), join({ linkClass: 'client' })]
    for (const { peer } of [open, draining, closed]) announcer.announceAll(peer)
    announcer.forget(closed.peer)

    announcer.announce(endId(4, 7))
    announcer.withdraw(endId(4, 7))

    expect(open.sent.slice(1).map((pack) => pack.kind)).toEqual([Kind.announce, Kind.withdraw])
    expect([draining, closed, unheard].map(({ sent }) => sent.length)).toEqual([1, 1, 0])
  })

  it('is not said if it is our own end, which registering has told', () => {
    const { announcer, join } = newAnnouncer()
    const { peer, sent } = join({ end: node1 })
    announcer.announceAll(peer)

    announcer.announce(ownEnd)
    announcer.withdraw(ownEnd)

    expect(sent).toHaveLength(1)
  })
})

describe('an announce that comes in', () => {
  it('makes a route for every end of its ranges, and the last one makes the peer ready', async () => {
    const { announcer, state, join } = newAnnouncer()
    const { peer, sent } = join({ end: node1 })

    announcer.onAnnounce(peer, announced({ lo: 1, hi: 3 }))
    announcer.onAnnounce(peer, announcePack({ isLast: true, ranges: [] }))
    await peer.ready

    expect([...state.table.ends()]).toEqual([endId(5, 1), endId(5, 2), endId(5, 3)])
    expect(state.table.get(endId(5, 2))).toEqual({ peer, origin: node1, epoch: 10, hops: 0 })
    expect(sent).toEqual([])
  })

  it('is refused where the end is ours, hosted here or none, and the rest is taken', () => {
    const { announcer, state, join } = newAnnouncer([endId(0, 2)])
    const { peer, sent } = join({ end: node1 })

    announcer.onAnnounce(peer, announced({ endType: 0, lo: 0, hi: 3 }))
    announcer.onAnnounce(peer, announced({ endType: 2, lo: 1, hi: 1 }))

    expect([...state.table.ends()]).toEqual([endId(0, 1), endId(0, 3)])
    expect(sent.flatMap(readRanges).map(rangesOf)).toEqual(['0:0..0', '0:2..2', '2:1..1'])
    expect(sent.every((pack) => pack.kind === Kind.refuse)).toBe(true)
  })

  it('is refused for what the table has no room for, but a known end may change', () => {
    const { announcer, state, join } = newAnnouncer([], 2)
    const { peer, sent } = join({ end: node1 })

    announcer.onAnnounce(peer, announced({ lo: 1, hi: 3 }))
    announcer.onAnnounce(peer, announced({ lo: 1, hi: 1, epoch: 11 }))

    expect(state.table.size).toBe(2)
    expect(state.table.get(endId(5, 1))?.epoch).toBe(11)
    expect(sent.flatMap(readRanges).map(rangesOf)).toEqual(['5:3..3'])
  })

  it.each([
    ['another node, whatever its epoch', { origin: node3, epoch: 99 }, 'first'],
    ['the same node with an older epoch', { epoch: 9 }, 'first'],
    ['the same node with more hops', { hops: 2 }, 'first'],
    ['the same node with a higher epoch', { epoch: 11, hops: 5 }, 'second'],
    ['the same node with fewer hops', { hops: 0 }, 'second'],
  ] as const)('for a held end from %s leaves it with the %s', (_, second, winner) => {
    const { announcer, state, join } = newAnnouncer()
    const peers = { first: join({ end: node1 }), second: join({ end: node3 }) }
    announcer.onAnnounce(peers.first.peer, announced({ hops: 1 }))

    announcer.onAnnounce(peers.second.peer, announced({ hops: 1, ...second }))

    expect(state.table.get(endId(5, 1))?.peer).toBe(peers[winner].peer)
    expect(peers.second.sent.map((pack) => pack.kind)).toEqual(winner === 'first' ? [Kind.refuse] : [])
  })

  it('with a range upside down is a violation', () => {
    const { announcer, join } = newAnnouncer()
    const { peer } = join({ end: node1 })

    expect(() => announcer.onAnnounce(peer, announced({ lo: 3, hi: 1 }))).toThrow(
      expect.objectContaining({ code: 'ERR_WIRE_BAD_FRAME' }),
    )
  })
})

describe('a withdraw that comes in', () => {
  it('removes what that peer has, not its own end and nothing of others', () => {
    const { announcer, state, join } = newAnnouncer()
    const [one, three] = [join({ end: node1 }), join({ end: node3 })]
    announcer.onAnnounce(one.peer, announced({ lo: 1, hi: 2 }))
    announcer.onAnnounce(three.peer, announced({ lo: 3, hi: 3, origin: node3 }))
    state.table.set(node1, { peer: one.peer, origin: node1, epoch: 1, hops: 0 })

    announcer.onWithdraw(one.peer, rangesPack(Kind.withdraw, [{ endType: 5, lo: 2, hi: 9 }]))
    announcer.onWithdraw(one.peer, rangesPack(Kind.withdraw, [{ endType: 1, lo: 1, hi: 1 }]))

    expect([...state.table.ends()]).toEqual([endId(5, 1), endId(5, 3), node1])
  })
})

describe('a refuse that comes in', () => {
  it('is reported with the ends and by whom', () => {
    const { announcer, join } = newAnnouncer()
    const errors: NetError[] = []
    announcer.onRefused = (error) => errors.push(error)

    announcer.onRefuse(join({ end: node1 }).peer, rangesPack(Kind.refuse, [{ endType: 5, lo: 2, hi: 4 }]))

    expect(errors).toMatchObject([{ code: 'ERR_NET_END_TAKEN', details: { ends: '5:2..4', by: '1:1' } }])
  })

  it('is reported for as many ranges as one frame of ours has, however many there are', () => {
    const { announcer, join } = newAnnouncer()
    const errors: NetError[] = []
    announcer.onRefused = (error) => errors.push(error)
    const ranges = Array.from({ length: 1_000 }, () => ({ endType: 5, lo: 2, hi: 4 }))

    announcer.onRefuse(join({ end: node1 }).peer, rangesPack(Kind.refuse, ranges))

    expect(errors).toHaveLength(64)
  })
})

describe('a peer whose ranges name more ends than there may be routes', () => {
  const whole = { endType: 5, lo: 0, hi: 0xffff }
  const many = Array.from({ length: 600 }, () => whole)

  it('is a violation before any of them is looked at, in one frame or in many', () => {
    const { announcer, join, state } = newAnnouncer([], 1_000)
    const { peer } = join({ end: node1 })
    const inOne = announcePack({
      isLast: true,
      ranges: many.map((range) => ({ ...range, origin: node1, epoch: 1, hops: 0 })),
    })

    expect(() => announcer.onAnnounce(peer, inOne)).toThrow(expect.objectContaining({ reason: 'kicked' }))
    expect(() => announcer.onWithdraw(peer, rangesPack(Kind.withdraw, [whole]))).toThrow()
    expect(state.table.size).toBe(0)
  })

  it('may announce single ends for ever', () => {
    const { announcer, join, state } = newAnnouncer([], 10)
    const { peer } = join({ end: node1 })

    for (let no = 0; no < 67_000; no++) announcer.onAnnounce(peer, announced({ lo: 3, hi: 3 }))

    expect(state.table.size).toBe(1)
  })
})
