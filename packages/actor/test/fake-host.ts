// A node of one supervisor, in memory: it delivers tells and asks, counts what becomes of every message and keeps
// every answer, so that tests can do the sums. Its rules for asks are the net's: an ask ends once.
import {
  decodePayload,
  type EndId,
  type EndLike,
  endId,
  P2pPack,
  type TimerHandle,
  toEndId,
} from '@p2pnet/wire'
import { createActor } from 'xstate'
import { SimClock } from '../../../test/support/sim-clock.ts'
import type { ActorCell } from '../src/actor-cell.ts'
import type { ActorHost, AskOptions, DeadLetterReason, Logger } from '../src/actor-host.ts'
import { type Behaviour, requireBehaviour } from '../src/behaviour.ts'
import { AskError, type Failure } from '../src/errors.ts'
import { instanceOf } from '../src/machine-instance.ts'
import { type AskTicket, Message, OpenAsk } from '../src/message.ts'
import { resolveSpawnOptions, type SpawnOptions } from '../src/options.ts'
import { ReadyQueue } from '../src/ready-queue.ts'
import { Supervisor } from '../src/supervisor.ts'
import { supervisorLogic } from '../src/supervisor-logic.ts'
import { indexTimers, watchActors } from '../src/xstate-internals.ts'

/** Who sends what a test sends. */
export const tester = endId(9, 9)
/** The actors of a test are ends of this type. */
export const at = (no: number): EndId => endId(1, no)

const payloadLimits = { depthMax: 16, nodesMax: 4_096, keysMax: 256 }

/** One ask and how it ended: a reply, a failure, or not yet. */
export class AskRecord {
  readonly ask: OpenAsk
  /** More than one would be our bug. */
  ends = 0
  reply: unknown
  failure: Failure | undefined
  timer: TimerHandle
  onEnd: () => void = () => {}

  constructor(ask: OpenAsk) {
    this.ask = ask
  }

  /** As a test compares it: `open`, the code of the failure, or the reply. */
  get outcome(): unknown {
    if (this.ends === 0) return 'open'
    return this.failure === undefined ? { reply: this.reply } : this.failure.code
  }
}

export class FakeHost implements ActorHost {
  readonly clock = new SimClock()
  readonly readyQueue = new ReadyQueue(this.clock)
  readonly tag = 77
  readonly supervisor: Supervisor
  readonly asks: AskRecord[] = []
  readonly deadLetters: DeadLetterReason[] = []
  readonly crashes: unknown[] = []
  readonly faults: unknown[] = []
  readonly stopped: EndId[] = []
  readonly warnings: object[] = []
  readonly log: () => Logger
  chance = 0
  accepted = 0
  delivered = 0
  restarts = 0
  readonly #cells = new Set<ActorCell>()
  readonly #records = new Map<OpenAsk, AskRecord>()
  #lastAskId = 0

  constructor() {
    const root = createActor(supervisorLogic(), { id: 'root', clock: this.clock as never }) // xstate's own shape.
    indexTimers(root)
    watchActors(root, (actor, error) => instanceOf(actor)?.crashed(error))
    root.start()
    this.supervisor = new Supervisor(this, { id: 'actors', parent: root })
    const quiet = (): void => {}
    const logger: Logger = {
      debug: quiet,
      info: quiet,
      warn: (fields) => void this.warnings.push(fields),
      error: quiet,
      child: () => logger,
    }
    this.log = () => logger
  }

  get inFlight(): number {
    let sum = 0
    for (const cell of this.#cells) sum += cell.inFlight
    return sum
  }

  /** `accepted - delivered - dead-lettered - in flight`: 0, always. */
  get missing(): number {
    return this.accepted - this.delivered - this.deadLetters.length - this.inFlight
  }

  readonly random = (): number => this.chance

  /** A started node with one actor at 1:1. */
  static async with(logic: unknown, options?: SpawnOptions): Promise<FakeHost> {
    const host = new FakeHost()
    host.spawn(1, logic, options)
    await host.start()
    return host
  }

  spawn(no: number, logic: unknown, options?: SpawnOptions): ActorCell {
    const behaviour: Behaviour = requireBehaviour(logic)
    const cell = this.supervisor.add({ end: at(no), behaviour, options: resolveSpawnOptions(options) })
    this.#cells.add(cell)
    return cell
  }

  async start(): Promise<void> {
    await this.supervisor.start()
    await this.clock.rest()
  }

  /** Sends, and lets all that follows at this time happen. */
  async send(value: unknown, no = 1): Promise<void> {
    this.post(at(no), Message.local(tester, value))
    await this.clock.rest()
  }

  async request(value: unknown, no = 1, timeoutMs = 60_000): Promise<AskRecord> {
    const record = this.begin(at(no), value, timeoutMs)
    await this.clock.rest()
    return record
  }

  /** An ask, without waiting for anything. A pack is one that came over a conn. */
  begin(to: EndId, value: unknown, timeoutMs = 60_000): AskRecord {
    const deadlineAt = this.clock.mono() + timeoutMs
    const callSeq = this.asks.length + 1
    const ask = new OpenAsk({ from: tester, asked: to, callTag: this.tag, callSeq, deadlineAt })
    const record = new AskRecord(ask)
    this.asks.push(record)
    this.#records.set(ask, record)
    record.timer = this.clock.setTimeout(() => this.giveUp(record, 'ERR_ASK_TIMEOUT'), timeoutMs)
    this.post(to, value instanceof P2pPack ? Message.remote(value, ask) : Message.local(tester, value, ask))
    return record
  }

  /** Nobody waits any more. */
  giveUp(record: AskRecord, code: 'ERR_ASK_TIMEOUT' | 'ERR_ASK_ABORTED'): void {
    if (record.ask.isSettled) return
    this.fail(record.ask, { code, mayHaveRun: true, message: 'given up' })
    record.ask.abort()
  }

  post(to: EndId, message: Message): void {
    this.accepted++
    const result = this.supervisor.get(to)?.post(message) ?? 'stopped'
    if (result === 'accepted') return
    this.onDeadLetter(message, to, result === 'full' ? 'mailbox_full' : 'stopped')
    const code = result === 'full' ? 'ERR_ASK_OVERLOADED' : 'ERR_ASK_NO_ROUTE'
    if (message.ask !== undefined) this.fail(message.ask, { code, mayHaveRun: false, message: result })
  }

  /** `net.reply`. */
  answer(ticket: AskTicket, value: unknown): boolean {
    return this.supervisor.get(toEndId(ticket.end))?.work.reply(ticket.ask, value) ?? false
  }

  tell(from: EndId, to: EndLike, message: unknown): void {
    this.post(toEndId(to), Message.local(from, message))
  }

  async ask(_from: EndId, to: EndLike, message: unknown, options: AskOptions = {}): Promise<unknown> {
    const record = this.begin(toEndId(to), message, options.timeoutMs)
    await new Promise<void>((resolve) => {
      record.onEnd = resolve
      if (record.ends > 0) resolve()
    })
    if (record.failure !== undefined) throw new AskError(record.failure)
    return record.reply
  }

  reply(ask: OpenAsk, value: unknown): void {
    this.#end(ask, (record) => {
      record.reply = value
    })
  }

  fail(ask: OpenAsk, failure: Failure): void {
    this.#end(ask, (record) => {
      record.failure = failure
    })
  }

  decode(pack: P2pPack): unknown {
    return decodePayload(pack, payloadLimits)
  }

  onDelivered(): void {
    this.delivered++
  }

  onDeadLetter(_message: Message, _to: EndId, reason: DeadLetterReason): void {
    this.deadLetters.push(reason)
  }

  onCrash(_cell: ActorCell, error: unknown): void {
    this.crashes.push(error)
  }

  onRestart(): void {
    this.restarts++
  }

  onStopped(cell: ActorCell): void {
    this.stopped.push(cell.end)
  }

  readonly onFault = (error: unknown): void => {
    this.faults.push(error)
  }

  nextAskId(): number {
    this.#lastAskId++
    return this.#lastAskId
  }

  #end(ask: OpenAsk, set: (record: AskRecord) => void): void {
    if (ask.isSettled) return
    ask.isSettled = true
    const record = this.#records.get(ask)
    if (record === undefined) return
    record.ends++
    set(record)
    this.clock.clearTimeout(record.timer)
    record.onEnd()
  }
}
