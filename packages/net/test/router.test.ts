import type { ActorCell } from '@p2pnet/actor'
import { type EndId, endId, Flag, Kind, noEnd, P2pPack } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { route } from '../src/router.ts'
import { RoutingTable } from '../src/routing-table.ts'
import { type FakePeerGiven, fakePeer } from './fake-peers.ts'

const here = endId(2, 7)
const nowhere = endId(9, 9)
const peerEnd = endId(1, 1)
const announced = endId(1, 5)
const stranger = endId(7, 7)

const cell = { end: here } as ActorCell // The router hands it on and reads nothing of it.

interface Given extends FakePeerGiven {
  readonly kind?: Kind
  readonly source?: EndId
  readonly destination?: EndId
  readonly flags?: number
}

function decide(given: Given) {
  const { peer } = fakePeer({ end: peerEnd, ...given })
  const table = new RoutingTable()
  table.set(announced, { peer, origin: peerEnd, epoch: 1, hops: 0 })
  table.set(stranger, { peer: fakePeer().peer, origin: stranger, epoch: 1, hops: 0 })
  const pack = new P2pPack(given.kind ?? Kind.tell)
  pack.source = given.source ?? peerEnd
  pack.destination = given.destination ?? here
  pack.flags = given.flags ?? 0
  return route(pack, peer, { cells: { get: (end) => (end === here ? cell : undefined) }, table })
}

const deliver = { kind: 'deliver', cell }
const refuse = (why: string) => ({ kind: 'refuse', why })

describe('the router', () => {
  it.each([
    ['tell', Kind.tell],
    ['ask', Kind.ask],
  ])('delivers a %s for an actor of this node', (_, kind) => {
    expect(decide({ kind })).toEqual(deliver)
  })

  it.each([
    ['tell', Kind.tell],
    ['ask', Kind.ask],
  ])('has no route for a %s to an end that is not here', (_, kind) => {
    expect(decide({ kind, destination: nowhere })).toEqual(refuse('no_route'))
  })

  it('does not forward yet: an end of another peer has no route either', () => {
    expect(decide({ destination: stranger })).toEqual(refuse('no_route'))
  })

  it.each([
    ['reply', Kind.reply, { kind: 'settle' }],
    ['fail', Kind.fail, { kind: 'settle' }],
    ['cancel', Kind.cancel, { kind: 'cancel' }],
  ])('settles by call id, not by end: %s', (_, kind, decision) => {
    expect(decide({ kind, source: stranger, destination: nowhere, flags: 0x80 })).toEqual(decision)
  })

  it.each([0x20, 0x40, 0x80])('refuses the unknown flag %i at the destination', (flags) => {
    expect(decide({ flags })).toEqual(refuse('unknown_flags'))
    expect(decide({ flags: flags | Flag.deadline, kind: Kind.ask })).toEqual(refuse('unknown_flags'))
  })

  it('takes all known flags', () => {
    expect(decide({ flags: 0x1f })).toEqual(deliver)
  })
})

describe('the source of a pack', () => {
  it('is the peer itself or an end that it announced', () => {
    expect(decide({ source: peerEnd })).toEqual(deliver)
    expect(decide({ source: announced })).toEqual(deliver)
  })

  it.each([
    ['an end of another peer', stranger],
    ['an end that nobody announced', nowhere],
    ['an actor of this node', here],
    ['no end', noEnd],
  ])('between nodes is not %s', (_, source) => {
    expect(decide({ source })).toEqual(refuse('bad_source'))
  })

  it('of a client may be left out', () => {
    expect(decide({ linkClass: 'client', source: noEnd })).toEqual(deliver)
    expect(decide({ linkClass: 'client', source: peerEnd })).toEqual(deliver)
  })

  it('of a client is nobody else', () => {
    expect(decide({ linkClass: 'client', source: stranger })).toEqual(refuse('bad_source'))
    // Clients announce nothing, so not even this.
    expect(decide({ linkClass: 'client', source: announced })).toEqual(refuse('bad_source'))
  })

  it('at a client is whoever its gateway says', () => {
    expect(decide({ linkClass: 'client', role: 'dialer', source: stranger })).toEqual(deliver)
  })

  it('is judged before the destination', () => {
    expect(decide({ source: stranger, destination: nowhere })).toEqual(refuse('bad_source'))
  })
})
