// What a net has counted and holds now, as plain data: for dashboards, tests and summaries.
import { formatEnd } from '@p2pnet/wire'
import type { NetParts } from './net-parts.ts'
import type { Counters } from './net-state.ts'

export interface NetStats extends Counters {
  /** Asks that were begun on this node, and how many of them ended in which way. */
  readonly asks: number
  readonly asksReplied: number
  readonly asksFailed: number
  readonly asksOpen: number
  /** Messages accepted and not handled to their end: `accepted - delivered - deadLetters`. */
  readonly inFlight: number
  readonly deadLettersByReason: Readonly<Record<string, number>>
  /** Open conns. */
  readonly conns: number
  readonly queuedBytes: number
  /** Ends known from peers. */
  readonly routes: number
  readonly actors: readonly ActorStats[]
}

export interface ActorStats {
  /** As people read it: `2:7`. */
  readonly end: string
  readonly behaviour: 'handler' | 'machine'
  /** `idle`, `busy`, `backing off`, `crash looping` ... */
  readonly state: string
  readonly restarts: number
  /** Messages that wait in its mailbox. */
  readonly queued: number
  /** Messages that wait or are under way; of all actors together the net's `inFlight`. */
  readonly inFlight: number
}

export function statsOf({ state, messenger }: NetParts): NetStats {
  const counters = { ...state.counters }
  const { replied, failed, size } = messenger.pending
  let conns = 0
  let queuedBytes = 0
  for (const conn of state.peers.keys()) {
    if (conn.phase === 'open') conns++
    queuedBytes += conn.queuedBytes
    counters.bytesIn += conn.stats.bytesIn
    counters.bytesOut += conn.stats.bytesOut
    counters.packsIn += conn.stats.packsIn
    counters.packsOut += conn.stats.packsOut
  }
  const actors = [...state.actors.cells()].map((cell) => ({
    end: formatEnd(cell.end),
    behaviour: cell.behaviourName,
    state: cell.state,
    restarts: cell.restarts,
    queued: cell.queued,
    inFlight: cell.inFlight,
  }))
  return {
    ...counters,
    asks: replied + failed + size,
    asksReplied: replied,
    asksFailed: failed,
    asksOpen: size,
    inFlight: state.inFlight,
    deadLettersByReason: Object.fromEntries(state.deadLettersByReason),
    conns,
    queuedBytes,
    routes: state.table.size,
    actors,
  }
}
