// The process of the robots, started by child.ts. A robot is a net of its own that dials the gateway as any client
// would, joins, and then moves, looks, plays and chats until it is told to be quiet. Every message that one sends to
// an actor has the next number, so that the receiver can count.
import { createP2pNet, fromHandler, type Logger, type P2pNet, type Random, systemClock } from 'p2pnet'
import { AskBook, type AskOutcome, type Part, type PartSetup, sayingLogger } from './part.ts'
import { clientType, ends, noReport, type Service, serviceNames } from './protocol.ts'
import { every, wait } from './time.ts'

/** Few enough that no gateway takes them for a flood. */
const startedAtOnce = 4
/** An ask ends within 5 s; what is open later is lost. */
const answersMs = 6_500
/** Lines that are still on their way to robots arrive within this. */
const linesQuietMs = 250
const tickMs = 25
const roomCount = 4

export async function startRobots({ robots: count, ports, say }: PartSetup): Promise<Part> {
  const port = ports.gatewayClient
  if (port === undefined) throw new Error('nobody has told the gateway port')
  const book = new AskBook()
  let lines = 0
  let state = 'starting'
  const onLine = (): void => void lines++
  const logger = sayingLogger(say)
  const robots = Array.from({ length: count }, (_, index) => {
    return new Robot({ no: index + 1, port, logger, book, onLine })
  })
  for (let at = 0; at < count; at += startedAtOnce) {
    await Promise.all(robots.slice(at, at + startedAtOnce).map((robot) => robot.start()))
  }
  state = 'running'
  return {
    ports: {},
    report: () => ({
      ...noReport,
      atMs: systemClock.mono(),
      state,
      conns: robots.filter((robot) => robot.isOpen).length,
      sent: sentBy(robots),
      asks: book.counts(),
      pushed: lines,
    }),
    quiet: async () => {
      state = 'draining'
      for (const robot of robots) robot.quiet()
      await book.settle(answersMs)
    },
    close: async () => {
      await untilStill(() => lines)
      await Promise.all(robots.map((robot) => robot.close()))
      state = 'stopped'
    },
  }
}

/** What all robots have sent, by actor. */
function sentBy(robots: readonly Robot[]): Record<string, number> {
  const sums = serviceNames.map((name) => [name, robots.reduce((sum, { sent }) => sum + sent[name], 0)])
  return Object.fromEntries(sums)
}

/** Waits until a count has not changed for a while. */
async function untilStill(count: () => number): Promise<void> {
  let before = -1
  while (before !== count()) {
    before = count()
    await wait(linesQuietMs)
  }
}

interface RobotSetup {
  readonly no: number
  readonly port: number
  readonly logger: Logger
  readonly book: AskBook
  readonly onLine: () => void
}

type Body = { readonly type: string } & Readonly<Record<string, unknown>>

class Robot {
  /** What it has sent, by the actor it was for. */
  readonly sent: Record<Service, number> = { rooms: 0, chat: 0, members: 0, world: 0, match: 0 }
  readonly #setup: RobotSetup
  readonly #random: Random
  readonly #net: P2pNet
  #isPlaying = false
  #isJoining = false
  #stop: () => void = () => {}

  constructor(setup: RobotSetup) {
    this.#setup = setup
    this.#random = seededRandom(setup.no)
    this.#net = createP2pNet({ end: { endType: clientType }, logger: setup.logger })
    this.#net.spawn('self', fromHandler(setup.onLine))
  }

  /** Resolves when it has dialled and said hello. */
  async start(): Promise<void> {
    const { no, port } = this.#setup
    await this.#net.start()
    await this.#net.dial({ port }, { reconnect: true })
    await this.#ask('members', { type: 'hello', name: `robot ${no}` })
    await this.#ask('rooms', { type: 'join', room: `room ${no % roomCount}` })
    this.#stop = every(tickMs, () => this.#act())
  }

  /** Sends nothing more. */
  quiet(): void {
    this.#stop()
  }

  close(): Promise<void> {
    return this.#net.close()
  }

  get isOpen(): boolean {
    return this.#net.stats().conns > 0
  }

  #act(): void {
    const dice = this.#below(100)
    if (dice < 70) this.#tell('world', { type: 'move', dx: this.#below(3) - 1, dy: this.#below(3) - 1 })
    else if (dice < 85) void this.#ask('world', { type: 'look' })
    else if (dice < 94) this.#play()
    else if (dice < 97) void this.#ask('chat', { type: 'say', text: `it is ${dice} here` })
    else this.#tell('chat', { type: 'say', text: 'hello, all' })
  }

  #play(): void {
    if (!this.#isPlaying) return void this.#join()
    if (this.#below(4) > 0) return this.#tell('match', { type: 'hit' })
    void this.#ask('match', { type: 'look' }).then((outcome) => this.#noteMatch(outcome))
  }

  /** The answer comes when the match begins, so it asks once at a time. */
  async #join(): Promise<void> {
    if (this.#isJoining) return
    this.#isJoining = true
    this.#noteMatch(await this.#ask('match', { type: 'join' }))
    this.#isJoining = false
  }

  #noteMatch(outcome: AskOutcome): void {
    const value = outcome.kind === 'answered' ? outcome.value : undefined
    this.#isPlaying =
      typeof value === 'object' && value !== null && 'isPlaying' in value && value.isPlaying === true
  }

  #tell(to: Service, body: Body): void {
    this.#net.tell(ends.relayIn, { to, isAsk: false, body: this.#numbered(to, body) })
  }

  #ask(to: Service, body: Body): Promise<AskOutcome> {
    const message = { to, isAsk: true, body: this.#numbered(to, body) }
    return this.#setup.book.follow(this.#net.ask(ends.relayIn, message))
  }

  #numbered(to: Service, body: Body): Body & { readonly seq: number } {
    this.sent[to]++
    return { ...body, seq: this.sent[to] }
  }

  /** An integer from 0 to below `bound`. */
  #below(bound: number): number {
    return Math.floor(this.#random() * bound)
  }
}

/** mulberry32: the same robot throws the same dice in every run. */
function seededRandom(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
