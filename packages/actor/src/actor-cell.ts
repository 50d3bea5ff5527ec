// One place in a supervisor: an end, its mailbox and a running instance of its behaviour. A restart changes the
// instance and keeps the rest. Step 6 of a pack's way: posted here, decoded, handled.
import { type EndId, guard, isThenable, messageOf, type TimerHandle } from '@p2pnet/wire'
import type { ActorHost, Logger } from './actor-host.ts'
import { HandlerLogic, type StopReason } from './behaviour.ts'
import type { CellParent, CellSetup, CellStatus } from './cell-setup.ts'
import type { Context } from './context.ts'
import { HandlerInstance } from './handler-instance.ts'
import type { Instance } from './instance.ts'
import { MachineInstance } from './machine-instance.ts'
import { Mailbox } from './mailbox.ts'
import type { Message } from './message.ts'
import type { ResolvedSpawnOptions } from './options.ts'
import type { Runnable } from './ready-queue.ts'
import { crashFailure, endFailure, expiredFailure, stoppedFailure, WorkUnderWay } from './work-under-way.ts'

export class ActorCell implements Runnable {
  readonly end: EndId
  readonly options: ResolvedSpawnOptions
  readonly host: ActorHost
  readonly parent: CellParent
  readonly work: WorkUnderWay
  readonly #setup: CellSetup
  readonly #mailbox: Mailbox
  #status: CellStatus = 'new'
  #instance: Instance | undefined
  #isQueued = false
  #isStopRequested = false
  #log: Logger | undefined
  #stopped: Promise<void> | undefined
  #onIdle: (() => void) | undefined
  restarts = 0
  startedAt = 0

  constructor(setup: CellSetup) {
    this.#setup = setup
    this.end = setup.end
    this.options = setup.options
    this.host = setup.host
    this.parent = setup.parent
    this.work = new WorkUnderWay(setup.end, setup.host)
    this.#mailbox = new Mailbox(setup.options.mailbox)
  }

  /** What people see: `running` is shown as idle or busy. */
  get state(): Exclude<CellStatus, 'running'> | 'idle' | 'busy' {
    if (this.#status !== 'running') return this.#status
    return this.inFlight > 0 ? 'busy' : 'idle'
  }

  get queued(): number {
    return this.#mailbox.size
  }

  /** Messages accepted and not handled to their end. */
  get inFlight(): number {
    return this.queued + this.work.size
  }

  get behaviourName(): 'handler' | 'machine' {
    return this.#setup.behaviour instanceof HandlerLogic ? 'handler' : 'machine'
  }

  get log(): Logger {
    this.#log ??= this.host.log(this.end)
    return this.#log
  }

  isCurrent(instance: Instance): boolean {
    return instance === this.#instance
  }

  /** Takes a message. Runs nothing: the ready queue does that later. */
  post(message: Message): 'accepted' | 'full' | 'stopped' {
    if (this.#stopped !== undefined) return 'stopped'
    if (!this.#mailbox.push(message)) return 'full'
    this.#wake()
    return 'accepted'
  }

  run(quantum: number): number {
    this.#isQueued = false
    let handled = 0
    while (handled < quantum && this.#canRun()) {
      handled++
      this.#handle(this.#mailbox.shift() as Message) // canRun: there is one.
    }
    this.#wake()
    return handled
  }

  /** Makes a new instance. Resolves when it takes messages, or has crashed. Never rejects. */
  async start(): Promise<void> {
    this.#status = 'starting'
    this.startedAt = this.host.clock.mono()
    const { behaviour } = this.#setup
    const instance =
      behaviour instanceof HandlerLogic
        ? new HandlerInstance(this, behaviour)
        : new MachineInstance(this, behaviour)
    this.#instance = instance
    try {
      const started = instance.start()
      if (started !== undefined) await started
      if (this.isCurrent(instance) && this.#status === 'starting') this.#status = 'running'
      this.#wake()
    } catch (error) {
      this.crashed(instance, error)
    }
  }

  /** Waits for a restart; messages are kept. */
  backOff(status: 'backing off' | 'crash looping'): void {
    this.#status = status
  }

  /** Ends it after the message at hand, as a normal end. */
  requestStop(): void {
    this.#isStopRequested = true
    if (this.work.size === 0) this.host.clock.setImmediate(() => this.#endIfRequested())
  }

  /** Stops for good: queued messages become dead letters, what is under way has `shutdownMs`. */
  stop(reason: StopReason): Promise<void> {
    if (this.#stopped === undefined) this.#status = 'stopping'
    this.#stopped ??= Promise.resolve().then(() => this.#stop(reason))
    return this.#stopped
  }

  /** An async handling ended. What comes from an instance that was given up is nobody's business any more. */
  ended(ctx: Context, conclude: () => void): void {
    if (!this.work.end(ctx)) return
    conclude()
    if (this.work.size === 0) this.#onIdle?.()
    this.#wake()
  }

  /** A message was handled to its end; `ctx` is a handler's. */
  completed(message: Message, ctx?: Context, reply?: unknown): void {
    this.work.complete(message, ctx === undefined || ctx.isDeferred ? undefined : message.ask, reply)
    if (this.#isStopRequested) this.#endIfRequested()
  }

  /** The instance crashed: by a message, or between messages. */
  crashed(instance: Instance, error: unknown, message?: Message): void {
    if (!this.isCurrent(instance)) return
    this.#instance = undefined
    if (message !== undefined) this.work.drop(message, 'crashed', crashFailure(this.end))
    this.work.dropAll('crashed', crashFailure(this.end))
    guard(() => instance.stop('crashed'), this.host.onFault)
    this.host.onCrash(this, error)
    this.#exit(true)
  }

  /** The instance came to its own end. */
  finished(instance: Instance): void {
    if (!this.isCurrent(instance)) return
    this.#instance = undefined
    this.work.dropAll('stopped', endFailure(this.end))
    guard(() => instance.stop('normal'), this.host.onFault)
    this.#exit(false)
  }

  /** A message that its behaviour must not see. */
  refuse(message: Message, error: unknown): void {
    const failure = { code: 'ERR_ASK_REJECTED', mayHaveRun: false, message: messageOf(error) } as const
    this.work.drop(message, 'refused', { ...failure, details: { reason: failure.message } })
  }

  #canRun(): boolean {
    const instance = this.#instance
    if (instance === undefined || this.#status !== 'running' || this.#isStopRequested) return false
    return this.#mailbox.size > 0 && this.work.size < instance.concurrency
  }

  #wake(): void {
    if (this.#isQueued || !this.#canRun()) return
    this.#isQueued = true
    this.host.readyQueue.add(this)
  }

  #handle(message: Message): void {
    const { ask, pack } = message
    if (ask?.isSettled) return this.host.onDeadLetter(message, this.end, 'cancelled')
    if (ask !== undefined && ask.deadlineAt <= this.host.readyQueue.nowMs) {
      return this.work.drop(message, 'expired', expiredFailure)
    }
    let value = message.value
    if (pack !== undefined) {
      try {
        value = this.host.decode(pack)
      } catch (error) {
        return this.refuse(message, error)
      }
    }
    this.#instance?.handle(message, value)
  }

  #endIfRequested(): void {
    const instance = this.#instance
    if (this.#isStopRequested && instance !== undefined && this.work.size === 0) this.finished(instance)
  }

  #exit(isCrash: boolean): void {
    this.#isStopRequested = false
    if (this.#stopped === undefined) this.#setup.owner.onExit(this, isCrash)
  }

  async #stop(reason: StopReason): Promise<void> {
    for (let message = this.#mailbox.shift(); message !== undefined; message = this.#mailbox.shift()) {
      this.work.drop(message, 'stopped', stoppedFailure(this.end))
    }
    const untilAt = this.host.clock.mono() + this.options.shutdownMs
    if (this.work.size > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve
      })
      await this.#atMost(idle, untilAt)
    }
    const instance = this.#instance
    this.#instance = undefined
    this.work.dropAll('stopped', endFailure(this.end))
    if (instance !== undefined) await this.#stopInstance(instance, reason, untilAt)
    this.#status = 'stopped'
    this.host.onStopped(this)
  }

  async #stopInstance(instance: Instance, reason: StopReason, untilAt: number): Promise<void> {
    try {
      const stopped = instance.stop(reason)
      if (isThenable(stopped)) await this.#atMost(stopped, untilAt)
    } catch (error) {
      this.host.onFault(error)
    }
  }

  /** JavaScript cannot kill: what takes longer than its shutdown time is abandoned, with a stale ctx. */
  async #atMost(work: PromiseLike<unknown>, untilAt: number): Promise<void> {
    const { clock } = this.host
    let timer: TimerHandle
    const timeout = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, Math.max(0, untilAt - clock.mono()))
    })
    try {
      await Promise.race([work, timeout])
    } finally {
      clock.clearTimeout(timer)
    }
  }
}
