// Tells peers which ends are reached through this node, and learns theirs. Announced when added, withdrawn when
// removed, never because of a crash. Direct neighbours only: what was learned is not passed on yet.
import { ViolationError } from '@p2pnet/conn'
import {
  type AnnouncedRange,
  announcePack,
  type EndId,
  type EndRange,
  endId,
  formatEnd,
  Kind,
  noEnd,
  type P2pPack,
  rangesPack,
  readAnnounce,
  readRanges,
} from '@p2pnet/wire'
import { NetError } from './errors.ts'
import type { NetState } from './net-state.ts'
import type { Peer } from './peer.ts'

/** So few that a frame fits every legal frame limit. */
const rangesPerFrame = 64
/** What the ranges of one conn may name in all, above the routes that there may be. */
const rangedEndsSpare = 0x10000

export class Announcer {
  readonly #state: NetState
  /** One epoch for all ends of this process: a process that follows it has a higher one. */
  readonly #epoch: number
  /** Who is told of changes: open node links. */
  readonly #audience = new Set<Peer>()
  /** A peer refused one of our ends. */
  onRefused: (error: NetError) => void = () => {}

  constructor(state: NetState) {
    this.#state = state
    this.#epoch = state.nextEpoch()
  }

  /** The first run: all ends of this node, the last frame flagged. */
  announceAll(peer: Peer): void {
    this.#audience.add(peer)
    const ends = [...this.#state.actors.cells()]
      .map((cell) => cell.end)
      .filter((end) => end !== this.#state.end)
    const ranges = toRanges(ends).map((range) => this.#announced(range))
    for (let at = 0; at === 0 || at < ranges.length; at += rangesPerFrame) {
      const isLast = at + rangesPerFrame >= ranges.length
      peer.conn.sendInOrder(announcePack({ isLast, ranges: ranges.slice(at, at + rangesPerFrame) }))
    }
  }

  /** The conn is closed. */
  forget(peer: Peer): void {
    this.#audience.delete(peer)
  }

  /** An end was added here. Its announcement precedes whatever it sends. */
  announce(end: EndId): void {
    if (end === this.#state.end) return
    const pack = announcePack({ isLast: false, ranges: [this.#announced(rangeOf(end))] })
    this.#tellAudience(pack)
  }

  /** An end was removed here. */
  withdraw(end: EndId): void {
    if (end === this.#state.end) return
    const pack = rangesPack(Kind.withdraw, [rangeOf(end)])
    this.#tellAudience(pack)
  }

  /** @throws WireError `ERR_WIRE_BAD_FRAME` */
  onAnnounce(peer: Peer, pack: P2pPack): void {
    const announce = readAnnounce(pack)
    this.#limitRanges(peer, announce.ranges)
    const refused = announce.ranges.flatMap((range) => this.#learn(peer, range))
    const ranges = toRanges(refused)
    for (let at = 0; at < ranges.length; at += rangesPerFrame) {
      peer.conn.sendInOrder(rangesPack(Kind.refuse, ranges.slice(at, at + rangesPerFrame)))
    }
    if (announce.isLast) peer.becomeReady()
  }

  /** @throws WireError `ERR_WIRE_BAD_FRAME` */
  onWithdraw(peer: Peer, pack: P2pPack): void {
    const ranges = readRanges(pack)
    this.#limitRanges(peer, ranges)
    for (const range of ranges) {
      for (const end of endsIn(range)) if (end !== peer.end) this.#state.table.delete(end, peer)
    }
  }

  /** @throws WireError `ERR_WIRE_BAD_FRAME` */
  onRefuse(peer: Peer, pack: P2pPack): void {
    // Nobody sends more in one frame; whoever does gets no more errors reported for it.
    for (const range of readRanges(pack).slice(0, rangesPerFrame)) {
      const ends = `${range.endType}:${range.lo}..${range.hi}`
      const by = peer.end === undefined ? undefined : formatEnd(peer.end)
      const message = `the ends ${ends} of this node are held by somebody else, says ${by}`
      this.onRefused(new NetError('ERR_NET_END_TAKEN', message, { details: { ends, by } }))
    }
  }

  /** A few bytes name 65,536 ends: who does it again and again would keep us busy for ever. @throws ViolationError */
  #limitRanges(peer: Peer, ranges: readonly EndRange[]): void {
    for (const { lo, hi } of ranges) peer.rangedEnds += hi - lo
    if (peer.rangedEnds > this.#state.options.routesMax + rangedEndsSpare)
      throw new ViolationError('kicked', 'the ranges of a node name more ends than it may announce')
  }

  /** Takes what a peer announces; returns the ends that it may not have. */
  #learn(peer: Peer, range: AnnouncedRange): EndId[] {
    const { table, options } = this.#state
    const refused: EndId[] = []
    const route = { peer, origin: range.origin, epoch: range.epoch, hops: range.hops }
    for (const end of endsIn(range)) {
      const isFull = table.size >= options.routesMax && table.get(end) === undefined
      if (isFull || !this.#mayTake(end, peer, range)) refused.push(end)
      else table.set(end, route)
    }
    return refused
  }

  /** Whoever holds an end keeps it. Its own node may move it: the higher epoch wins, then fewer hops. */
  #mayTake(end: EndId, peer: Peer, range: AnnouncedRange): boolean {
    const { table, actors } = this.#state
    if (end === noEnd || end === this.#state.end || actors.get(end) !== undefined) return false
    const held = table.get(end)
    if (held === undefined || held.peer === peer) return true
    if (held.origin !== range.origin) return false
    return range.epoch > held.epoch || (range.epoch === held.epoch && range.hops <= held.hops)
  }

  #tellAudience(pack: P2pPack): void {
    for (const { conn } of this.#audience) if (conn.phase === 'open') conn.sendInOrder(pack)
  }

  #announced(range: EndRange): AnnouncedRange {
    return { ...range, origin: this.#state.end ?? noEnd, epoch: this.#epoch, hops: 0 }
  }
}

function rangeOf(end: EndId): EndRange {
  const endNo = end & 0xffff
  return { endType: end >>> 16, lo: endNo, hi: endNo }
}

function* endsIn(range: EndRange): IterableIterator<EndId> {
  for (let endNo = range.lo; endNo <= range.hi; endNo++) yield endId(range.endType, endNo)
}

/** Ends as the fewest ranges. */
function toRanges(ends: readonly EndId[]): EndRange[] {
  const ranges: { endType: number; lo: number; hi: number }[] = []
  for (const end of [...ends].sort((one, other) => one - other)) {
    const last = ranges.at(-1)
    const { endType, lo } = rangeOf(end)
    if (last?.endType === endType && last.hi + 1 === lo) last.hi = lo
    else ranges.push({ endType, lo, hi: lo })
  }
  return ranges
}
