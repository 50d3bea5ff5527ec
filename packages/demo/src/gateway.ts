// The gateway process, started by child.ts: one listener for clients, one for nodes, and two relays, because clients
// can only reach ends that the gateway hosts. What a relay hands inwards says who it came from, and only nodes may use
// the other one. The operator, who crashes actors, sits here too: he asks as any node does.
import { type ActorContext, AskError, type EndLike, type P2pEnd, type P2pNet, systemClock } from 'p2pnet'
import {
  AskBook,
  type AskOutcome,
  counted,
  createNode,
  type Part,
  type PartSetup,
  portOf,
  reportOf,
  Tally,
} from './part.ts'
import { type ArenaActor, clientType, ends, type Service, serviceNames } from './protocol.ts'

/** From a client, for an actor behind the gateway. */
interface Inward {
  readonly to: Service
  /** It waits for an answer. A handler is not told whether a message is an ask, so it says so itself. */
  readonly isAsk: boolean
  readonly body: { readonly type: string; readonly seq: number }
}

/** From an actor behind the gateway, for clients. */
export interface Outward {
  readonly to: readonly P2pEnd[]
  readonly body: unknown
}

/** Less than a client's own 5 s, so that the client hears what went wrong and not only that time is up. */
const relayTimeoutMs = 4_500
/** Asks that may be under way inside at once: one actor that backs off must not hold up those of the others. */
const asksMax = 4_096
/** Longer than the longest backoff of an arena actor, so that the answer after the restart is seen. */
const patienceMs = 10_000

export async function startGateway({ secret, say }: PartSetup): Promise<Part> {
  const tally = new Tally()
  const book = new AskBook()
  const listen = [{ links: 'node' }, { links: 'client' }] as const
  const net = createNode(say, { end: ends.gateway, secret, listen })
  net.spawn(ends.relayIn, relayIn(tally))
  net.spawn(ends.relayOut, relayOut(tally))
  await net.start()
  return {
    ports: { gatewayNode: portOf(net, 0), gatewayClient: portOf(net, 1) },
    report: () => ({ ...reportOf(net, tally), asks: book.counts() }),
    crash: (actor) => crash(actor, { net, book, say }),
    quiet: () => book.settle(patienceMs),
    close: async () => {
      await net.close()
      // Whatever was still open has been ended by that; its ends are counted a moment later.
      await book.settle(1_000)
    },
  }
}

export const relayIn = (tally: Tally) =>
  counted<undefined, Inward>(
    { name: 'relayIn', tally },
    { handle: (_state, message, ctx) => handInward(message, ctx) },
    { concurrency: asksMax },
  )

export const relayOut = (tally: Tally) =>
  counted<undefined, Outward>(
    { name: 'relayOut', tally },
    {
      handle: (_state, { to, body }, ctx) => {
        if (ctx.from?.endType === clientType) return ctx.reject('for nodes only')
        for (const end of to) ctx.tell(end, body)
      },
    },
  )

function handInward(message: unknown, ctx: ActorContext): unknown {
  if (!isInward(message)) return ctx.reject('not a request')
  const to: EndLike = ends[message.to]
  // Written last: a client cannot speak for another one.
  const stamped = { ...message.body, client: ctx.from }
  if (!message.isAsk) return ctx.tell(to, stamped)
  return ctx.ask(to, stamped, { timeoutMs: relayTimeoutMs, signal: ctx.signal }).catch((error: unknown) => {
    if (!(error instanceof AskError)) throw error
    ctx.reject(error.message, { relayed: true, code: error.code, ran: error.mayHaveRun })
  })
}

/** What a client sends is foreign, whatever its type says. */
function isInward(value: unknown): value is Inward {
  if (!isObject(value) || !isObject(value.body)) return false
  const { to, isAsk, body } = value
  const isKnown = serviceNames.some((name) => name === to) && typeof isAsk === 'boolean'
  return isKnown && typeof body.type === 'string' && Number.isSafeInteger(body.seq)
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

interface Operator {
  readonly net: P2pNet
  readonly book: AskBook
  readonly say: PartSetup['say']
}

/** Asks an actor to crash, and at once asks it something else: that waits in its mailbox until it is back. */
async function crash(actor: ArenaActor, { net, book, say }: Operator): Promise<void> {
  const begunAt = systemClock.mono()
  const ask = (type: string): Promise<AskOutcome> =>
    book.follow(net.ask(ends[actor], { type }, { timeoutMs: patienceMs }))
  for (const asked of [ask('crash'), ask('look')]) {
    const outcome = await asked
    if (outcome.kind === 'ended') {
      say({ kind: 'ask-ended', actor, code: outcome.code, mayHaveRun: outcome.mayHaveRun })
    } else {
      const afterMs = Math.round(systemClock.mono() - begunAt)
      say({ kind: 'next-answer', actor, afterMs, answer: outcome.value })
    }
  }
}
