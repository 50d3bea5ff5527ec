// What is to be seen of a run, as plain data made from the processes' reports: at one moment (a view, for the tree,
// the lines and `--json`) and at its end (the summary). Messages are those that were counted where they arrived; what
// the robots say they have sent is only compared with it.
import {
  type ActorReport,
  type AskCounts,
  ends,
  noReport,
  type Report,
  type Role,
  serviceNames,
} from './protocol.ts'

export interface ActorView extends ActorReport {
  readonly perSecond: number
}

export interface NodeView {
  readonly role: Role
  readonly end: string
  readonly state: string
  readonly conns: number
  readonly restarts: number
  readonly perSecond: number
  readonly actors: readonly ActorView[]
}

export interface RobotsView {
  readonly state: string
  readonly clients: number
  /** Messages that robots have sent. */
  readonly perSecond: number
  readonly linesPerSecond: number
  readonly asksPerSecond: number
  readonly asksOpen: number
}

export interface View {
  readonly seconds: number
  readonly nodes: readonly NodeView[]
  readonly robots: RobotsView
}

/** Keeps what a view needs of the past: the rates. */
export class Viewer {
  readonly #rates = new Map<Role, Rates>()
  readonly #reports = new Map<Role, Report>()

  onReport(role: Role, report: Report): void {
    this.#reports.set(role, report)
    this.#ratesOf(role).add(report)
  }

  view(elapsedMs: number): View {
    return {
      seconds: tenths(elapsedMs),
      nodes: (['gateway', 'lobby', 'arena'] as const).map((role) => this.#node(role)),
      robots: this.#robots(),
    }
  }

  #node(role: 'gateway' | 'lobby' | 'arena'): NodeView {
    const { state, conns, restarts, actors } = this.#reports.get(role) ?? noReport
    const rates = this.#ratesOf(role)
    const seen = actors.map((actor) => ({ ...actor, perSecond: rates.of(actor.name) }))
    const perSecond = seen.reduce((sum, actor) => sum + actor.perSecond, 0)
    return { role, end: ends[role].join(':'), state, conns, restarts, perSecond, actors: seen }
  }

  #robots(): RobotsView {
    const { state, conns, asks } = this.#reports.get('robots') ?? noReport
    const rates = this.#ratesOf('robots')
    return {
      state,
      clients: conns,
      perSecond: rates.of('sent'),
      linesPerSecond: rates.of('lines'),
      asksPerSecond: rates.of('asks'),
      asksOpen: openOf(asks),
    }
  }

  #ratesOf(role: Role): Rates {
    const rates = this.#rates.get(role) ?? new Rates()
    this.#rates.set(role, rates)
    return rates
  }
}

/** Long enough that a rate does not flicker. */
const windowMs = 1_000

interface Sample {
  readonly atMs: number
  /** Counters that only grow: of actors by their names, and those of the robots. */
  readonly counts: Readonly<Record<string, number>>
}

/** What was added to the counters of one process within the last second or so, per second. */
class Rates {
  #samples: readonly Sample[] = []

  add({ atMs, received, sent, pushed, asks }: Report): void {
    const kept = this.#samples.filter((sample) => sample.atMs >= atMs - windowMs)
    const arrived = Object.entries(received).map(([name, { messages }]) => [name, messages])
    const counts = { ...Object.fromEntries(arrived), sent: totalOf(sent), lines: pushed, asks: asks.begun }
    this.#samples = [...kept, { atMs, counts }]
  }

  /** Per second; 0 before there are two samples. */
  of(name: string): number {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0
    const added = (last.counts[name] ?? 0) - (first.counts[name] ?? 0)
    return Math.round((added * 1_000) / (last.atMs - first.atMs))
  }
}

export interface Summary {
  readonly kind: 'summary'
  readonly seconds: number
  readonly clients: number
  /** Robots' messages that reached their actor, counted there. */
  readonly messages: number
  /** The same, as the robots counted it. */
  readonly sent: number
  /** Sent and neither received nor part of an ask that ended with an error. */
  readonly lostMessages: number
  /** Received twice, or after a later one. */
  readonly unordered: number
  /** Chat lines: handed over by the lobby, and received by robots. */
  readonly linesSent: number
  readonly linesReceived: number
  readonly crashes: number
  readonly restarts: number
  readonly asks: number
  readonly asksAnswered: number
  readonly asksEndedByCrash: number
  /** Asks that ended with any other error, by its code. */
  readonly asksEndedOtherwise: Readonly<Record<string, number>>
  readonly lostAsks: number
  readonly isOk: boolean
}

type Reports = ReadonlyMap<Role, Report>

interface RunFacts {
  readonly durationMs: number
  readonly clients: number
}

export function summarize(reports: Reports, { durationMs, clients }: RunFacts): Summary {
  const asks = [...reports.values()].map((report) => report.asks).reduce(addAsks)
  const { ERR_ASK_ACTOR_CRASHED: asksEndedByCrash = 0, ...asksEndedOtherwise } = asks.endedBy
  const { sent, messages, unordered } = traffic(reports)
  const lostAsks = openOf(asks)
  const lostMessages = Math.max(0, sent - messages - totalOf(asksEndedOtherwise))
  return {
    kind: 'summary',
    seconds: tenths(durationMs),
    clients,
    messages,
    sent,
    lostMessages,
    unordered,
    linesSent: reports.get('lobby')?.pushed ?? 0,
    linesReceived: reports.get('robots')?.pushed ?? 0,
    crashes: sumOf(reports, (report) => report.crashes),
    restarts: sumOf(reports, (report) => report.restarts),
    asks: asks.begun,
    asksAnswered: asks.answered,
    asksEndedByCrash,
    asksEndedOtherwise,
    lostAsks,
    isOk: lostAsks === 0 && lostMessages === 0,
  }
}

/** Robots' messages as they counted them, and as their receivers did. */
export function traffic(reports: Reports): Pick<Summary, 'sent' | 'messages' | 'unordered'> {
  const received = [...reports.values()].flatMap((report) =>
    serviceNames.map((name) => report.received[name] ?? { numbered: 0, unordered: 0 }),
  )
  return {
    sent: sumOf(reports, (report) => totalOf(report.sent)),
    messages: received.reduce((sum, { numbered }) => sum + numbered, 0),
    unordered: received.reduce((sum, { unordered }) => sum + unordered, 0),
  }
}

function addAsks(one: AskCounts, other: AskCounts): AskCounts {
  const endedBy: Record<string, number> = { ...one.endedBy }
  for (const [code, count] of Object.entries(other.endedBy)) endedBy[code] = (endedBy[code] ?? 0) + count
  return { begun: one.begun + other.begun, answered: one.answered + other.answered, endedBy }
}

/** Asks that have no end yet. When all is over, these are lost. */
const openOf = ({ begun, answered, endedBy }: AskCounts): number => begun - answered - totalOf(endedBy)

const totalOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const sumOf = (reports: Reports, of: (report: Report) => number): number =>
  [...reports.values()].reduce((sum, report) => sum + of(report), 0)

const tenths = (ms: number): number => Math.round(ms / 100) / 10
