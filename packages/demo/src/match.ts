// The arena's match: a statechart that is an actor, spawned by arena.ts. Players who ask to join wait until it begins;
// whoever has hit most often wins, the lobby says the winner's name, and the next round opens. A join is seated and
// answered at the beginning, or refused at once.
import type { AskTicket, P2pEnd, P2pStamp } from 'p2pnet'
import { ask, reply, tell } from 'p2pnet/xstate'
import { assign, enqueueActions, setup } from 'xstate'
import type { Numbered, Tally } from './part.ts'
import { ends } from './protocol.ts'

interface FromClient {
  readonly p2p: P2pStamp
  readonly client?: P2pEnd
  readonly seq?: number
}

type MatchEvent =
  | ({ readonly type: 'join' | 'hit' | 'look' | 'crash' } & FromClient)
  | { readonly type: 'named'; readonly reply: unknown }
  | { readonly type: 'unnamed' }

interface MatchContext {
  readonly round: number
  /** Hits by the number of the client. */
  readonly hits: Readonly<Record<number, number>>
  /** Those who wait for the match to begin. */
  readonly joining: readonly AskTicket[]
}

const seats = 8

const isPlayer = ({ hits }: MatchContext, { client }: Numbered): boolean =>
  client !== undefined && client.endNo in hits

const statusFor = (context: MatchContext, asker: Numbered) => ({
  round: context.round,
  players: Object.keys(context.hits).length,
  isPlaying: isPlayer(context, asker),
})

function winnerOf({ hits }: MatchContext): number {
  const [best] = Object.entries(hits).sort(([, one], [, other]) => other - one)
  return Number(best?.[0] ?? 0)
}

const matchSetup = (tally: Tally) =>
  setup({
    types: {
      context: {} as MatchContext, // xstate's way to name a type: the value is never looked at.
      events: {} as MatchEvent, // As above.
    },
    delays: { patienceMs: 1_000, roundMs: 3_000, breakMs: 700 },
    guards: {
      isFull: ({ context }) => Object.keys(context.hits).length >= seats,
      hasPlayers: ({ context }) => Object.keys(context.hits).length > 1,
      isNew: ({ context, event }) => event.type === 'join' && !isPlayer(context, event),
      isPlayer: ({ context, event }) => event.type === 'hit' && isPlayer(context, event),
      isOperator: ({ event }) => event.type === 'crash' && event.client === undefined,
    },
    actions: {
      count: ({ event }) => {
        if ('p2p' in event) tally.take('match', event)
      },
      crash: () => {
        throw new Error('the match crashes because it was told to')
      },
      refuse: reply({ isPlaying: false }),
      seat: assign(({ context, event }) => {
        if (event.type !== 'join' || event.client === undefined || event.p2p.ask === undefined) return {}
        return {
          hits: { ...context.hits, [event.client.endNo]: 0 },
          joining: [...context.joining, event.p2p.ask],
        }
      }),
      begin: enqueueActions(({ context, enqueue }) => {
        for (const ticket of context.joining)
          enqueue(reply({ isPlaying: true, round: context.round }, { to: ticket }))
        enqueue.assign({ joining: [] })
      }),
      hit: assign(({ context, event }) => {
        if (event.type !== 'hit' || event.client === undefined) return {}
        const { endNo } = event.client
        return { hits: { ...context.hits, [endNo]: (context.hits[endNo] ?? 0) + 1 } }
      }),
      clear: assign(({ context }) => ({ round: context.round + 1, hits: {}, joining: [] })),
    },
  })

export const match = (tally: Tally) =>
  matchSetup(tally).createMachine({
    context: { round: 1, hits: {}, joining: [] },
    initial: 'waiting',
    on: {
      look: { actions: ['count', reply(({ context, event }) => statusFor(context, event))] },
      crash: [{ guard: 'isOperator', actions: ['count', 'crash'] }, { actions: ['count', 'refuse'] }],
      join: { actions: ['count', 'refuse'] },
      '*': { actions: 'count' },
    },
    states: {
      waiting: {
        on: { join: [{ guard: 'isNew', actions: ['count', 'seat'] }] },
        always: { guard: 'isFull', target: 'playing' },
        after: {
          patienceMs: [
            { guard: 'hasPlayers', target: 'playing' },
            { target: 'waiting', reenter: true },
          ],
        },
      },
      playing: {
        entry: 'begin',
        on: { hit: { guard: 'isPlayer', actions: ['count', 'hit'] } },
        after: { roundMs: 'over' },
      },
      over: {
        entry: ask(ends.members, ({ context }) => ({ type: 'nameOf', no: winnerOf(context) }), {
          onReply: 'named',
          onFail: 'unnamed',
        }),
        on: {
          named: {
            actions: tell(ends.chat, ({ context, event }) => ({
              type: 'announce',
              text: `${String(event.reply)} wins round ${context.round}`,
            })),
          },
        },
        after: { breakMs: { target: 'waiting', actions: 'clear' } },
      },
    },
  })
