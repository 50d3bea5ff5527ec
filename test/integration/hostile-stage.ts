// A node with one actor and one honest peer, which no hostile peer may harm.
import { endId } from '@p2pnet/wire'
import { type CloseReason, type Conn, fromHandler, type P2pNet } from 'p2pnet'
import { expect } from 'vitest'
import { until } from '../support/until.ts'
import { startClient, startNode } from './nodes.ts'
import type { RawPeer } from './raw-peer.ts'

export const secret = 'correct horse battery staple'
/** The one actor, `2:7`. */
export const actor = endId(2, 7)

export interface Stage {
  readonly node: P2pNet
  readonly witness: P2pNet
  /** Why conns of the node have closed, as its ConnListener was told. */
  readonly closes: CloseReason[]
  /** What the actor has handled. */
  readonly heard: unknown[]
}

export async function startStage(links: 'node' | 'client', withSecret = true): Promise<Stage> {
  const closes: CloseReason[] = []
  const heard: unknown[] = []
  const connListener = { onConnClose: (_conn: Conn, reason: CloseReason) => closes.push(reason) }
  const secured = withSecret ? { secret } : {}
  const node = await startNode([2, 1], { listen: { links }, connListener, ...secured })
  node.spawn(
    [2, 7],
    fromHandler((message) => heard.push(message)),
  )
  const witness = await startClient(node, links === 'client' ? { endType: 10 } : [1, 1], secured)
  return { node, witness, closes, heard }
}

/** The ending that the raw peer sees is the one that the node sees, and the witness is still served. */
export async function expectEnding(stage: Stage, peer: RawPeer, ending: string): Promise<void> {
  expect(await peer.ending()).toBe(ending)
  await until(() => stage.closes.length > 0)
  expect(stage.closes).toEqual([ending.split(' ')[1]])
  const before = stage.heard.length
  await stage.witness.ask([2, 7], 'still there?')
  expect(stage.heard.slice(before)).toEqual(['still there?'])
}
