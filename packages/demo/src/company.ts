// All processes of one run, for show.ts: starts them in order, keeps their latest reports, drains them in the reverse
// order. When one dies, the run has failed, and that is always noticed; whatever happens, `destroy` leaves no child
// behind.
import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { systemClock } from 'p2pnet'
import {
  type ArenaActor,
  type DemoEvent,
  type FromChild,
  isWell,
  type Ports,
  type Report,
  type Role,
  type ToChild,
} from './protocol.ts'
import { waitUntil, within } from './time.ts'
import { type Summary, summarize, traffic } from './view.ts'

const startMs = 20_000
const quietMs = 15_000
const closeMs = 10_000
const exitMs = 3_000
/** Between the last robot's goodbye and the last message's arrival behind the gateway. */
const arrivalMs = 3_000

interface CompanySetup {
  readonly robots: number
  readonly onEvent: (event: DemoEvent) => void
  readonly onReport: (role: Role, report: Report) => void
}

export class Company {
  /** Rejects when a process dies. */
  readonly failed: Promise<never>
  readonly #setup: CompanySetup
  readonly #secret = randomBytes(16).toString('hex')
  readonly #children = new Map<Role, Child>()
  readonly #reports = new Map<Role, Report>()
  readonly #startedAt = systemClock.mono()
  #fail: (error: Error) => void = () => {}
  #isOver = false

  constructor(setup: CompanySetup) {
    this.#setup = setup
    this.failed = new Promise<never>((_resolve, reject) => {
      this.#fail = reject
    })
    // Whoever runs it races against it; here it only must not count as unhandled.
    this.failed.catch(() => {})
  }

  get elapsedMs(): number {
    return systemClock.mono() - this.#startedAt
  }

  async start(): Promise<void> {
    const gateway = await this.#startOne('gateway', {})
    const lobby = await this.#startOne('lobby', gateway)
    await this.#startOne('arena', { ...gateway, ...lobby })
    await this.#startOne('robots', gateway)
    this.#setup.onEvent({ kind: 'running', clients: this.#setup.robots })
  }

  crash(actor: ArenaActor): void {
    this.#setup.onEvent({ kind: 'crash-asked', actor })
    this.#children.get('gateway')?.send({ kind: 'crash', actor })
  }

  /** Quiet, every ask ended, every message arrived, all nets closed, all processes gone. */
  async drain(): Promise<Summary> {
    this.#setup.onEvent({ kind: 'draining' })
    await Promise.all([this.#quiet('robots'), this.#quiet('gateway')])
    await this.#quiet('lobby')
    const durationMs = this.elapsedMs
    await this.#close('robots')
    await waitUntil(() => {
      const { sent, messages } = traffic(this.#reports)
      return messages >= sent
    }, arrivalMs)
    for (const role of ['arena', 'lobby', 'gateway'] as const) await this.#close(role)
    return summarize(this.#reports, { durationMs, clients: this.#setup.robots })
  }

  /** Ends at once. May be called in any state, and twice. */
  destroy(): void {
    this.#isOver = true
    for (const child of this.#children.values()) child.kill()
  }

  async #startOne(role: Role, ports: Ports): Promise<Ports> {
    if (this.#isOver) throw new Error('the run is over')
    const child = new Child({
      role,
      onMessage: (message) => this.#onMessage(role, message),
      onDeath: (message) => this.#onDeath(message),
    })
    this.#children.set(role, child)
    this.#setup.onEvent({ kind: 'process', role, pid: child.pid })
    const order = { kind: 'start', secret: this.#secret, robots: this.#setup.robots, ports } as const
    const started = await child.request(order, 'started', startMs)
    return started.ports
  }

  async #quiet(role: Role): Promise<void> {
    await this.#child(role).request({ kind: 'quiet' }, 'quiet', quietMs)
  }

  async #close(role: Role): Promise<void> {
    const child = this.#child(role)
    await child.request({ kind: 'close' }, 'closed', closeMs)
    await child.end(exitMs)
  }

  #child(role: Role): Child {
    const child = this.#children.get(role)
    if (child === undefined) throw new Error(`there is no ${role} yet`)
    return child
  }

  #onMessage(role: Role, message: FromChild): void {
    if (message.kind === 'event') this.#setup.onEvent(message.event)
    if (!('report' in message)) return
    this.#noteChanges(this.#reports.get(role), message.report)
    this.#reports.set(role, message.report)
    this.#setup.onReport(role, message.report)
  }

  /** Says when an actor has crashed, or is well again. */
  #noteChanges(before: Report | undefined, now: Report): void {
    for (const { name: actor, end, state } of now.actors) {
      const was = before?.actors.find((other) => other.end === end)?.state
      if (was === undefined || isWell(was) === isWell(state)) continue
      this.#setup.onEvent({ kind: 'state', actor, end, from: was, to: state })
    }
  }

  #onDeath(message: string): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#setup.onEvent({ kind: 'died', message })
    this.#fail(new Error(message))
  }
}

const childFile = fileURLToPath(new URL('child.js', import.meta.url))
/** Of what a dead child has said on stderr, the end is shown. */
const stderrCharsMax = 2_000

interface ChildSetup {
  readonly role: Role
  readonly onMessage: (message: FromChild) => void
  /** It ended without having been told to, or failed at what it was told. */
  readonly onDeath: (message: string) => void
}

/** One child as the main process sees it: orders go out, answers come in. */
class Child {
  readonly #setup: ChildSetup
  readonly #process: ChildProcess
  readonly #exited: Promise<void>
  #stderr = ''
  #isClosing = false
  #waiting: { readonly kind: string; readonly resolve: (message: FromChild) => void }[] = []

  constructor(setup: ChildSetup) {
    this.#setup = setup
    this.#process = fork(childFile, [setup.role], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-stderrCharsMax)
    })
    this.#process.on('message', (message) => this.#onMessage(message as FromChild)) // child.ts writes it.
    this.#process.on('error', (error) => this.#die(error.message))
    this.#exited = new Promise((resolve) => {
      this.#process.once('exit', (code, signal) => {
        resolve()
        if (!this.#isClosing || code !== 0)
          this.#die(`it ended with ${signal ?? `code ${code}`}\n${this.#stderr}`.trim())
      })
    })
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  send(message: ToChild): void {
    if (message.kind === 'close') this.#isClosing = true
    if (this.#process.connected) this.#process.send(message, () => {})
  }

  /** Sends an order and waits for its answer. @throws Error when that takes too long. */
  async request<Kind extends FromChild['kind']>(message: ToChild, kind: Kind, timeoutMs: number) {
    const answer = new Promise<FromChild>((resolve) => {
      this.#waiting.push({ kind, resolve })
    })
    this.send(message)
    const late = `the ${this.#setup.role} did not answer ${message.kind} within ${timeoutMs / 1_000} s`
    // The waiter is given this kind only.
    return (await within(answer, timeoutMs, late)) as Extract<FromChild, { readonly kind: Kind }>
  }

  /** Waits until it has ended by itself. @throws Error when it does not in time; `destroy` will kill it. */
  end(timeoutMs: number): Promise<void> {
    return within(this.#exited, timeoutMs, `the ${this.#setup.role} closed its net and did not end by itself`)
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  #onMessage(message: FromChild): void {
    const waiting = this.#waiting.filter(({ kind }) => kind === message.kind)
    this.#waiting = this.#waiting.filter(({ kind }) => kind !== message.kind)
    for (const { resolve } of waiting) resolve(message)
    if (message.kind === 'failed') this.#die(message.message)
    else this.#setup.onMessage(message)
  }

  #die(reason: string): void {
    this.#setup.onDeath(`the ${this.#setup.role} process (${this.pid}) died: ${reason}`)
  }
}
