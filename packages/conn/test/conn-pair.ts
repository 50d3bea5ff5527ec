// Two conns joined by a link, each with a FakeOwner; and one conn whose peer is a bare link in a test's hands.
import type { LinkClass, Role } from '@p2pnet/wire'
import { Conn } from '../src/conn.ts'
import type { ConnListener } from '../src/conn-listener.ts'
import type { Link } from '../src/link.ts'
import {
  type ConnOptions,
  defaultClientOptions,
  defaultNodeOptions,
  resolveConnOptions,
} from '../src/options.ts'
import { FakeOwner } from './fake-owner.ts'
import { anyPort, LinkEnd } from './link-end.ts'
import type { World } from './world.ts'

export const dialTimeoutMs = 8_000

export interface Side {
  readonly conn: Conn
  readonly owner: FakeOwner
  readonly link: Link
}

export interface SideGiven {
  readonly owner?: FakeOwner
  readonly listener?: ConnListener
}

export interface PairGiven {
  readonly linkClass?: LinkClass
  readonly options?: ConnOptions
  readonly dialer?: SideGiven
  readonly listener?: SideGiven
}

export interface Pair {
  readonly dialer: Side
  readonly listener: Side
}

interface SideSetup {
  readonly role: Role
  readonly link: Link
  readonly given: PairGiven
}

let nextId = 1

export function makeSide(world: World, { role, link, given }: SideSetup): Side {
  const linkClass = given.linkClass ?? 'node'
  const side = given[role] ?? {}
  const owner = side.owner ?? new FakeOwner()
  const defaults = linkClass === 'client' ? defaultClientOptions : defaultNodeOptions
  const options = resolveConnOptions('conn', defaults, given.options)
  const { clock, sweep, parent } = world
  const listener = side.listener
  const conn = new Conn({
    id: nextId++,
    role,
    linkClass,
    link,
    options,
    dialTimeoutMs,
    clock,
    sweep,
    owner,
    listener,
    parent,
  })
  world.cleanups.push(() => conn.destroy())
  return { conn, owner, link }
}

/** Two conns that are about to meet: they exist, and nothing more was waited for. */
export async function joinConns(world: World, given: PairGiven = {}): Promise<Pair> {
  const accepted: Side[] = []
  const server = await world.links.listen(anyPort, (link) => {
    accepted.push(makeSide(world, { role: 'listener', link, given }))
  })
  world.cleanups.push(() => void server.close())
  const dialer = makeSide(world, { role: 'dialer', link: world.links.dial(server.address), given })
  await world.until(() => accepted.length === 1)
  return { dialer, listener: first(accepted) }
}

export async function openPair(world: World, given: PairGiven = {}): Promise<Pair> {
  const pair = await joinConns(world, given)
  await world.until(() => pair.dialer.owner.opens + pair.listener.owner.opens === 2)
  return pair
}

export const isClosed = (pair: Pair): boolean =>
  pair.dialer.owner.closes.length > 0 && pair.listener.owner.closes.length > 0

/** A listening conn whose dialer is a bare link. */
export async function listenerWithPeer(
  world: World,
  given: PairGiven = {},
): Promise<{ readonly side: Side; readonly peer: LinkEnd }> {
  const accepted: Side[] = []
  const server = await world.links.listen(anyPort, (link) => {
    accepted.push(makeSide(world, { role: 'listener', link, given }))
  })
  const peer = new LinkEnd(world.links.dial(server.address))
  world.cleanups.push(
    () => peer.link.destroy(),
    () => void server.close(),
  )
  await world.until(() => accepted.length === 1 && peer.count('open') === 1)
  return { side: first(accepted), peer }
}

/** A dialling conn whose listener is a bare link. */
export async function dialerWithPeer(
  world: World,
  given: PairGiven = {},
): Promise<{ readonly side: Side; readonly peer: LinkEnd }> {
  const accepted: LinkEnd[] = []
  const server = await world.links.listen(anyPort, (link) => accepted.push(new LinkEnd(link)))
  const side = makeSide(world, { role: 'dialer', link: world.links.dial(server.address), given })
  world.cleanups.push(() => void server.close())
  await world.until(() => accepted.length === 1)
  const peer = first(accepted)
  world.cleanups.push(() => peer.link.destroy())
  return { side, peer }
}

function first<T>(all: readonly T[]): T {
  const [one] = all
  if (one === undefined) throw new Error('nothing was accepted')
  return one
}
