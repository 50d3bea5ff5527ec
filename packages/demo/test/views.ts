// A view as a run would give it, for the tests of what is made of views.
import type { ActorView, NodeView, View } from '../src/view.ts'

export const anActor = (given: Partial<ActorView> = {}): ActorView => ({
  name: 'world',
  end: '3:2',
  behaviour: 'handler',
  state: 'idle',
  restarts: 0,
  queued: 0,
  perSecond: 1_234,
  ...given,
})

export const anArena = (...actors: readonly ActorView[]): NodeView => ({
  role: 'arena',
  end: '3:1',
  state: 'running',
  conns: 2,
  restarts: 0,
  perSecond: 1_300,
  actors,
})

export const aView = (...nodes: readonly NodeView[]): View => ({
  seconds: 4.2,
  nodes,
  robots: {
    state: 'running',
    clients: 24,
    perSecond: 950,
    linesPerSecond: 60,
    asksPerSecond: 210,
    asksOpen: 3,
  },
})
