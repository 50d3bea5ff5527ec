// Pending asks of a table without a net: what they were told is kept beside them.
import type { AskError } from '@p2pnet/actor'
import { endId } from '@p2pnet/wire'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { timedOut } from '../src/ask-failures.ts'
import type { Peer } from '../src/peer.ts'
import { type PendingAsk, PendingAsks } from '../src/pending-asks.ts'

export const askedEnd = endId(2, 7)

export interface Table {
  readonly clock: SimClock
  readonly pending: PendingAsks
  /** How asks ended, as `12 replied` or `12 ERR_ASK_TIMEOUT`, in order. */
  readonly ends: string[]
  /** Begins an ask; undefined when the table is full. */
  begin(given?: { readonly timeoutMs?: number; readonly peer?: Peer }): PendingAsk | undefined
}

export function newTable(capacity: number, firstSeq = 1): Table {
  const clock = new SimClock()
  const ends: string[] = []
  const onTimeout = (ask: PendingAsk) => void pending.fail(ask, timedOut(ask.destination))
  const pending = new PendingAsks({ clock, capacity, onTimeout, firstSeq })
  const begin: Table['begin'] = ({ timeoutMs = 5_000, peer } = {}) => {
    const seq = pending.nextSeq()
    if (seq === undefined) return undefined
    const ask: PendingAsk = {
      seq,
      destination: askedEnd,
      peer,
      deadlineAt: clock.mono() + timeoutMs,
      from: endId(1, 1),
      local: undefined,
      resolve: () => ends.push(`${seq} replied`),
      reject: (error: AskError) => ends.push(`${seq} ${error.code}`),
      release: undefined,
    }
    pending.add(ask)
    return ask
  }
  return { clock, pending, ends, begin }
}

/** For tests that need no undefined. */
export function begun(ask: PendingAsk | undefined): PendingAsk {
  if (ask === undefined) throw new Error('the table is full')
  return ask
}
