// Where conns live in a test: links, a clock, a sweep, and the actor above their machines. Two kinds: in memory
// under a simulated clock, and over TCP under the real one.
import { type Clock, systemClock } from '@p2pnet/wire'
import { type AnyActorRef, createActor, fromTransition } from 'xstate'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { until } from '../../../test/support/until.ts'
import { tcpLinks } from '../src/dialer.ts'
import type { LinkFactory } from '../src/link.ts'
import { createMemoryLinks } from '../src/memory-links.ts'
import { Sweep } from '../src/sweep.ts'

export interface World {
  readonly clock: Clock
  readonly links: LinkFactory
  readonly sweep: Sweep
  readonly parent: AnyActorRef
  /** Time goes on until it is true. */
  until(what: () => boolean): Promise<void>
  /** What a test leaves open is closed with these. */
  readonly cleanups: (() => void)[]
  end(): void
}

export interface SimWorld extends World {
  readonly clock: SimClock
}

const simMinutes = 10

export function createSimWorld(): SimWorld {
  const clock = new SimClock()
  return { ...makeWorld(clock, createMemoryLinks(clock)), clock, until: (what) => simUntil(clock, what) }
}

export function createTcpWorld(): World {
  return { ...makeWorld(systemClock, tcpLinks), until }
}

/** Both kinds, for `describe.each`. */
export const worlds = [
  ['memory links', createSimWorld],
  ['TCP links', createTcpWorld],
] as const satisfies readonly (readonly [string, () => World])[]

/** Time for what is under way to come, when nothing of it can be seen. */
export async function turns(world: World): Promise<void> {
  let left = 5
  await world.until(() => left-- === 0)
}

function makeWorld(clock: Clock, links: LinkFactory): Omit<World, 'until'> {
  // Like a supervisor: what becomes of its children does not touch it.
  const parent = createActor(fromTransition((state) => state, undefined)).start()
  const cleanups: (() => void)[] = []
  const end = () => {
    for (const cleanup of cleanups.splice(0)) cleanup()
  }
  return { clock, links, sweep: new Sweep(clock), parent, cleanups, end }
}

async function simUntil(clock: SimClock, what: () => boolean): Promise<void> {
  clock.settle()
  for (let steps = 0; !what(); steps++) {
    if (steps === simMinutes * 60 * 20) throw new Error(`never came true: ${what}`)
    clock.advance(50)
    // Promises, a listener's for one, get their turn.
    await Promise.resolve()
  }
}
