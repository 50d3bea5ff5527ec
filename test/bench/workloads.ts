// What a client does in one cell: asks with so many in flight, or tells one way. Counted is what was completed: a
// reply that came back and was right; a tell that the receiver has acknowledged.
import { type Cell, inFlightOf, type Payload } from './cells.ts'
import { isReply, makeMessage } from './messages.ts'
import type { BenchClient } from './system.ts'

/** A teller asks every so often, and that ask's reply acknowledges all before it. */
const tellsPerAck = 1_024
/** Tells under way: well below a mailbox, and enough to keep both processes busy. */
const tellsMax = 8 * 1_024

/** What a client's run has come to. */
export interface ClientRun {
  readonly completed: number
  /** Replies that were wrong. */
  readonly faults: number
  readonly asked: number
  readonly told: number
  readonly elapsedMs: number
  /** Of each ask, when one is in flight. */
  readonly latenciesUs: readonly number[]
}

export async function runCell(
  client: BenchClient,
  { workload, payload }: Cell,
  ms: number,
): Promise<ClientRun> {
  const setup: RunSetup = { client, payload, inFlight: inFlightOf[workload] }
  const run = workload === 'tell' ? new TellRun(setup) : new AskRun(setup)
  const startedAt = performance.now()
  const timer = setTimeout(() => run.end(), ms)
  try {
    await run.done
  } finally {
    clearTimeout(timer)
  }
  const elapsedMs = performance.now() - startedAt
  const { completed, faults, asked, told, latenciesUs } = run
  return { completed, faults, asked, told, elapsedMs, latenciesUs }
}

interface RunSetup {
  readonly client: BenchClient
  readonly payload: Payload
  readonly inFlight: number
}

/** What both workloads share: when a run ends, and how it fails. */
abstract class Run {
  readonly done: Promise<void>
  protected readonly client: BenchClient
  protected readonly payload: Payload
  protected isOver = false
  completed = 0
  faults = 0
  asked = 0
  told = 0
  readonly latenciesUs: number[] = []
  protected finish: () => void = () => {}
  protected fail: (error: unknown) => void = () => {}

  constructor(setup: RunSetup) {
    this.client = setup.client
    this.payload = setup.payload
    this.done = new Promise((resolve, reject) => {
      this.finish = resolve
      this.fail = reject
    })
  }

  /** The time is over: what is under way is completed, nothing new begins. */
  abstract end(): void
}

class AskRun extends Run {
  readonly #isTimed: boolean
  #open: number

  constructor(setup: RunSetup) {
    super(setup)
    this.#isTimed = setup.inFlight === 1
    this.#open = setup.inFlight
    for (let lane = 0; lane < setup.inFlight; lane++) this.#startLane()
  }

  end(): void {
    this.isOver = true
  }

  /** One ask after the other. */
  #startLane(): void {
    const { client, payload, fail } = this
    let seq = 0
    let askedAt = 0
    const next = (): void => {
      seq = ++this.asked
      if (this.#isTimed) askedAt = performance.now()
      client.ask(makeMessage(payload, seq, seq), onReply, fail)
    }
    const onReply = (reply: unknown): void => {
      if (this.#isTimed) this.latenciesUs.push((performance.now() - askedAt) * 1_000)
      if (isReply(reply, seq)) this.completed++
      else this.faults++
      if (!this.isOver) next()
      else if (--this.#open === 0) this.finish()
    }
    next()
  }
}

class TellRun extends Run {
  #acksOpen = 0

  constructor(setup: RunSetup) {
    super(setup)
    this.#pump()
  }

  end(): void {
    this.isOver = true
    this.#askForAck()
  }

  #pump(): void {
    while (!this.isOver && this.told - this.completed < tellsMax) {
      this.client.tell(makeMessage(this.payload, 0, ++this.told))
      if (this.told % tellsPerAck === 0) this.#askForAck()
    }
  }

  #askForAck(): void {
    const acknowledged = this.told
    const id = ++this.asked
    this.#acksOpen++
    const onReply = (reply: unknown): void => {
      if (isReply(reply, acknowledged)) this.completed = acknowledged
      else this.faults++
      this.#acksOpen--
      this.#pump()
      if (this.isOver && this.#acksOpen === 0) this.finish()
    }
    this.client.ask(makeMessage(this.payload, id, acknowledged), onReply, this.fail)
  }
}
