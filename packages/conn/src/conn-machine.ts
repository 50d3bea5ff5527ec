// The life of a conn as a statechart: connecting -> registering -> open -> draining -> closed. It is the control
// plane: it sees a handful of events per conn and no data pack. What its named actions do to sockets and queues
// is supplied by conn.ts with `provide`; here nothing touches the outside. (Seed: read deadline and close flag.)
import type { CloseReason, Phase } from '@p2pnet/wire'
import { assign, setup } from 'xstate'

/** Which of a conn's deadlines runs in a state; conn.ts knows how long each is. */
export type DeadlineName = 'dial' | 'register' | 'none' | 'drain' | 'goodbye'

/** What happened, or what somebody asks for. */
export type ConnEvent =
  | { readonly type: 'socket.opened' }
  | { readonly type: 'socket.ended' }
  | { readonly type: 'socket.closed'; readonly reason: CloseReason }
  | { readonly type: 'challenged' }
  | { readonly type: 'proved' }
  | { readonly type: 'registered' }
  | { readonly type: 'drained' }
  | { readonly type: 'flushed' }
  | { readonly type: 'deadline' }
  | { readonly type: 'violated'; readonly reason: CloseReason }
  | { readonly type: 'bye.received'; readonly reason: CloseReason }
  | { readonly type: 'close.requested'; readonly reason: CloseReason }
  | { readonly type: 'destroy.requested'; readonly reason: CloseReason }

export interface ConnContext {
  /** Why the conn ends: the first reason given stays. */
  readonly reason: CloseReason | undefined
}

const machine = setup({
  types: {
    context: {} as ConnContext, // Only its type is read.
    events: {} as ConnEvent, // Only its type is read.
  },
  actions: {
    enterPhase: (_, _params: { readonly phase: Phase }) => {},
    setDeadline: (_, _params: { readonly name: DeadlineName }) => {},
    openGate: () => {},
    askPeerToDrain: () => {},
    sendBye: () => {},
    dropUnsent: () => {},
    endLink: () => {},
    finish: () => {},
    keepReason: assign({
      reason: ({ context, event }) => context.reason ?? ('reason' in event ? event.reason : undefined),
    }),
    keepDeadlineReason: assign({
      reason: ({ context }, params: { readonly reason: CloseReason }) => context.reason ?? params.reason,
    }),
  },
})

const phase = (name: Phase) => ({ type: 'enterPhase', params: { phase: name } }) as const
const deadline = (name: DeadlineName) => ({ type: 'setDeadline', params: { name } }) as const
const because = (reason: CloseReason) => ({ type: 'keepDeadlineReason', params: { reason } }) as const

/** A violation: bye first, and nothing of what waits behind it. */
const violated = {
  target: '#conn.draining.flushing',
  actions: ['keepReason', 'dropUnsent', 'sendBye'],
} as const
/** The peer says goodbye: it reads nothing more, so there is nothing left to write. */
const byeReceived = { target: '#conn.draining.ending', actions: ['keepReason', 'dropUnsent'] } as const

export const connMachine = machine.createMachine({
  id: 'conn',
  context: { reason: undefined },
  initial: 'connecting',
  on: {
    'socket.closed': { target: '.closed', actions: 'keepReason' },
    'destroy.requested': { target: '.closed', actions: 'keepReason' },
  },
  states: {
    connecting: {
      entry: [phase('connecting'), deadline('dial')],
      on: {
        'socket.opened': 'registering',
        violated: { target: 'closed', actions: 'keepReason' },
        'close.requested': { target: 'closed', actions: 'keepReason' },
        deadline: { target: 'closed', actions: because('connect_timeout') },
      },
    },
    registering: {
      entry: deadline('register'),
      initial: 'greeting',
      on: {
        violated,
        'close.requested': { target: 'draining.flushing', actions: ['keepReason', 'sendBye'] },
        'bye.received': byeReceived,
        'socket.ended': { target: 'closed', actions: because('peer_ended') },
        deadline: { target: 'draining.flushing', actions: [because('register_timeout'), 'sendBye'] },
        registered: 'open',
      },
      states: {
        greeting: { entry: phase('greeting'), on: { challenged: 'proving' } },
        proving: { entry: phase('proving'), on: { proved: 'judging' } },
        judging: { entry: phase('judging') },
      },
    },
    open: {
      entry: [phase('open'), deadline('none'), 'openGate'],
      on: {
        violated,
        'close.requested': { target: 'draining', actions: 'keepReason' },
        'bye.received': byeReceived,
        'socket.ended': { target: 'closed', actions: because('peer_ended') },
        deadline: { target: 'draining.flushing', actions: [because('silent'), 'dropUnsent', 'sendBye'] },
      },
    },
    draining: {
      entry: phase('draining'),
      initial: 'finishing',
      on: { 'bye.received': { target: '.ending', actions: 'dropUnsent' } },
      states: {
        // Input is read on; what was being worked on is answered.
        finishing: {
          entry: [deadline('drain'), 'askPeerToDrain'],
          on: {
            violated,
            drained: { target: 'flushing', actions: 'sendBye' },
            deadline: { target: 'flushing', actions: 'sendBye' },
            'socket.ended': '#conn.closed',
          },
        },
        // Bye is queued behind the last write.
        flushing: {
          entry: deadline('goodbye'),
          on: { flushed: 'ending', deadline: '#conn.closed', 'socket.ended': '#conn.closed' },
        },
        // Our half is closed; the peer's is read and discarded until its end.
        ending: {
          entry: [deadline('goodbye'), 'endLink'],
          // A second bye is nothing: each one would grant the peer another second.
          on: { 'bye.received': {}, deadline: '#conn.closed', 'socket.ended': '#conn.closed' },
        },
      },
    },
    closed: { entry: [phase('closed'), 'finish'], type: 'final' },
  },
})
