// The life of a net: starting -> running -> draining -> stopped. The root of the actor tree; what happens in each
// state is done by p2p-net.ts, which sends the events and reads the state.
import { setup } from 'xstate'

export type NetEvent =
  | { readonly type: 'started' }
  | { readonly type: 'close.requested' }
  | { readonly type: 'drained' }

export const netMachine = setup({
  types: {
    events: {} as NetEvent, // Only its type is read.
  },
}).createMachine({
  id: 'p2pnet',
  initial: 'starting',
  states: {
    starting: { on: { started: 'running', 'close.requested': 'draining' } },
    running: { on: { 'close.requested': 'draining' } },
    draining: { on: { drained: 'stopped' } },
    stopped: { type: 'final' },
  },
})
