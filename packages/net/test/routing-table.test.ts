import { endId } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import type { Peer } from '../src/peer.ts'
import { type Route, RoutingTable } from '../src/routing-table.ts'
import { fakePeer } from './fake-peers.ts'

const end = endId(2, 7)
const other = endId(2, 8)

const routeOver = (peer: Peer): Route => ({ peer, origin: endId(2, 1), epoch: 1, hops: 0 })

describe('a routing table', () => {
  it('knows over which peer an end is reached', () => {
    const table = new RoutingTable()
    const { peer } = fakePeer()

    table.set(end, routeOver(peer))

    expect(table.get(end)?.peer).toBe(peer)
    expect(table.get(other)).toBeUndefined()
    expect([table.size, [...table.ends()]]).toEqual([1, [end]])
  })

  it('keeps a newer route when the conn of the old one closes', () => {
    const table = new RoutingTable()
    const [before, after] = [fakePeer().peer, fakePeer().peer]
    table.set(end, routeOver(before))
    table.set(other, routeOver(before))
    table.set(end, routeOver(after))

    table.deletePeer(before)

    expect(table.get(end)?.peer).toBe(after)
    expect(table.get(other)).toBeUndefined()
  })

  it('keeps a newer route when the old peer withdraws the end', () => {
    const table = new RoutingTable()
    const [before, after] = [fakePeer().peer, fakePeer().peer]
    table.set(end, routeOver(before))
    table.set(end, routeOver(after))

    table.delete(end, before)

    expect(table.get(end)?.peer).toBe(after)
  })

  it('forgets an end that its peer withdraws', () => {
    const table = new RoutingTable()
    const { peer } = fakePeer()
    table.set(end, routeOver(peer))
    table.set(other, routeOver(peer))

    table.delete(end, peer)

    expect([table.get(end), table.size]).toEqual([undefined, 1])
  })

  it('deletes with a peer all that it still has, also what has come back to it', () => {
    const table = new RoutingTable()
    const [one, two] = [fakePeer().peer, fakePeer().peer]
    table.set(end, routeOver(one))
    table.set(end, routeOver(two))
    table.set(end, routeOver(one))

    table.deletePeer(two)
    const between = table.get(end)?.peer
    table.deletePeer(one)

    expect(between).toBe(one)
    expect(table.size).toBe(0)
  })

  it('takes the same route twice as one', () => {
    const table = new RoutingTable()
    const { peer } = fakePeer()
    table.set(end, routeOver(peer))
    table.set(end, { ...routeOver(peer), epoch: 2 })

    const epoch = table.get(end)?.epoch
    table.deletePeer(peer)

    expect([epoch, table.size]).toEqual([2, 0])
  })

  it('has nothing to delete for a peer without routes', () => {
    const table = new RoutingTable()

    table.deletePeer(fakePeer().peer)
    table.delete(end, fakePeer().peer)

    expect(table.size).toBe(0)
  })
})
