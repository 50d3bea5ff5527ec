// What the four parts share: how a node is made, what is counted, how it is reported. Messages are counted where they
// arrive and asks where they were asked. Counts belong to the process and not to an actor's state, so a crash takes
// none away.
import {
  createP2pNet,
  fromHandler,
  type Handler,
  type HandlerOptions,
  type Logger,
  type NetOptions,
  type P2pEnd,
  P2pError,
  type P2pNet,
  systemClock,
} from 'p2pnet'
import {
  type ArenaActor,
  type AskCounts,
  ends,
  type Name,
  noReport,
  type PartEvent,
  type Ports,
  type Received,
  type Report,
  type StartOrder,
} from './protocol.ts'
import { waitUntil } from './time.ts'

/** One of the four things that a process can be. */
export interface Part {
  readonly ports: Ports
  report(): Report
  crash?(actor: ArenaActor): Promise<void>
  quiet?(): Promise<void>
  close(): Promise<void>
}

type Say = (event: PartEvent) => void

export interface PartSetup extends StartOrder {
  readonly say: Say
}

/** A node whose warnings go to the main process, because the screen is not the nodes' to write on. */
export const createNode = (say: Say, options: NetOptions): P2pNet =>
  createP2pNet({ ...options, logger: sayingLogger(say) })

/** Hands what a net warns of to the main process. */
export function sayingLogger(say: Say, end = ''): Logger {
  const log = (level: 'warn' | 'error') => (_fields: object, message?: string) =>
    say({ kind: 'log', level, end, message: message ?? '' })
  return {
    debug: () => {},
    info: () => {},
    warn: log('warn'),
    error: log('error'),
    child: (fields) => sayingLogger(say, typeof fields.end === 'string' ? fields.end : end),
  }
}

/** The port of a listener, by its place in the node's options. */
export function portOf(net: P2pNet, listener = 0): number {
  const address = net.addresses[listener]
  if (address === undefined) throw new Error(`the net does not listen at place ${listener}`)
  return address.port
}

export function reportOf(net: P2pNet, tally: Tally): Report {
  const { conns, restarts, crashes, actors } = net.stats()
  return {
    ...noReport,
    atMs: systemClock.mono(),
    state: net.state,
    conns,
    actors: actors.map((actor) => ({ ...actor, name: nameOf(actor.end) })),
    restarts,
    crashes,
    received: tally.received(),
  }
}

function nameOf(end: string): string {
  for (const [name, pair] of Object.entries(ends)) if (pair.join(':') === end) return name
  return end
}

/** The part of a message that is counted: the gateway stamps `client`, the robot has written `seq`. */
export interface Numbered {
  readonly client?: P2pEnd
  readonly seq?: number
}

interface Count {
  messages: number
  numbered: number
  unordered: number
  readonly lastByClient: Map<number, number>
}

/** Counts at the receiver: robots number what they send to an actor, and this looks at the numbers. */
export class Tally {
  readonly #counts = new Map<Name, Count>()

  /** Counts one message, before anything is done with it. */
  take(name: Name, { client, seq }: Numbered): void {
    const count = this.#countOf(name)
    count.messages++
    if (client === undefined || seq === undefined) return
    count.numbered++
    const last = count.lastByClient.get(client.endNo) ?? 0
    if (seq <= last) count.unordered++
    else count.lastByClient.set(client.endNo, seq)
  }

  received(): Record<string, Received> {
    const entries = [...this.#counts].map(([name, { lastByClient: _, ...received }]) => [name, received])
    return Object.fromEntries(entries)
  }

  #countOf(name: Name): Count {
    const known = this.#counts.get(name)
    if (known !== undefined) return known
    const made = { messages: 0, numbered: 0, unordered: 0, lastByClient: new Map<number, number>() }
    this.#counts.set(name, made)
    return made
  }
}

/** Makes a behaviour of a handler and counts every message on its way in. */
export function counted<State, Message extends object>(
  { name, tally }: { readonly name: Name; readonly tally: Tally },
  handler: Handler<State, Message, unknown>,
  options?: HandlerOptions,
) {
  return fromHandler<State, Message, unknown>(
    {
      ...handler,
      handle: (state, message, ctx) => {
        tally.take(name, message as Numbered) // Both fields are optional, and clients' are checked by the relay.
        return handler.handle(state, message, ctx)
      },
    },
    options,
  )
}

export type AskOutcome =
  | { readonly kind: 'answered'; readonly value: unknown }
  | { readonly kind: 'ended'; readonly code: string; readonly mayHaveRun: boolean }

/** Counts how asks ended. An ask is lost if it was neither answered nor ended with a code. */
export class AskBook {
  readonly #endedBy = new Map<string, number>()
  #begun = 0
  #answered = 0
  #open = 0

  /** Follows an ask to its end. Never rejects. */
  async follow(ask: Promise<unknown>): Promise<AskOutcome> {
    this.#begun++
    this.#open++
    try {
      const value = await ask
      this.#answered++
      return { kind: 'answered', value }
    } catch (error) {
      // Without a code of ours it is not an end that was promised: it stays uncounted, which is lost.
      if (!(error instanceof P2pError)) return { kind: 'ended', code: '', mayHaveRun: true }
      const outcome = outcomeOf(error)
      this.#endedBy.set(outcome.code, (this.#endedBy.get(outcome.code) ?? 0) + 1)
      return outcome
    } finally {
      this.#open--
    }
  }

  /** Waits for all that were begun; each has a deadline of its own. */
  async settle(timeoutMs: number): Promise<void> {
    await waitUntil(() => this.#open === 0, timeoutMs)
  }

  counts(): AskCounts {
    return { begun: this.#begun, answered: this.#answered, endedBy: Object.fromEntries(this.#endedBy) }
  }
}

/** A relay passes on, in the details, the first cause of an ask that it could not get an answer to. */
function outcomeOf({ code, details }: P2pError): Extract<AskOutcome, { kind: 'ended' }> {
  const relayed = details.relayed === true
  return {
    kind: 'ended',
    code: relayed && typeof details.code === 'string' ? details.code : code,
    mayHaveRun: (relayed ? details.ran : details.mayHaveRun) !== false,
  }
}
