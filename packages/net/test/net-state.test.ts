import { systemClock } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { NetState } from '../src/net-state.ts'
import { resolveNetOptions } from '../src/options.ts'
import { type FakePeerGiven, fakePeer } from './fake-peers.ts'

describe('the rival of a conn', () => {
  const rivalsOf = (one: FakePeerGiven, other: FakePeerGiven) => {
    const state = new NetState(resolveNetOptions({ end: [2, 1], clock: systemClock }))
    const peers = [fakePeer(one).peer, fakePeer(other).peer] as const
    for (const peer of peers) state.identify(peer, 'same instance')
    return { rival: state.rivalOf(peers[1]), first: peers[0] }
  }

  it('is an earlier conn of the same process', () => {
    const { rival, first } = rivalsOf({ linkClass: 'node', role: 'dialer' }, { linkClass: 'node' })

    expect(rival).toBe(first)
  })

  it('is never a conn of the other class: a client that names the instance of a node takes nothing over', () => {
    expect(rivalsOf({ linkClass: 'node', role: 'dialer' }, { linkClass: 'client' }).rival).toBeUndefined()
  })
})
