// Keeps children running: `one_for_one`, each child counted for itself, as `net.spawn` promises. Its xstate actor
// is the parent of the children's actors; the children themselves are in a Map of its own, so that spawning and
// stopping are linear. Decisions come from restart-policy.ts and are carried out here.
import type { EndId, TimerHandle } from '@p2pnet/wire'
import { type AnyActorRef, createActor } from 'xstate'
import { ActorCell } from './actor-cell.ts'
import type { ActorHost } from './actor-host.ts'
import type { Behaviour, StopReason } from './behaviour.ts'
import type { CellOwner, CellParent } from './cell-setup.ts'
import type { ResolvedSpawnOptions } from './options.ts'
import { type CrashHistory, decideRestart, noCrashes } from './restart-policy.ts'
import { type BranchScope, supervisorLogic } from './supervisor-logic.ts'

export interface ChildSpec {
  readonly end: EndId
  readonly behaviour: Behaviour
  readonly options: ResolvedSpawnOptions
}

interface Child {
  readonly cell: ActorCell
  history: CrashHistory
  restartTimer: TimerHandle | undefined
}

export class Supervisor implements CellOwner {
  readonly #host: ActorHost
  readonly #parent: CellParent
  readonly #children = new Map<EndId, Child>()
  #isStarted = false

  constructor(host: ActorHost, options: { readonly id: string; readonly parent: AnyActorRef }) {
    this.#host = host
    let scope: BranchScope | undefined
    const ref = createActor(
      supervisorLogic((made) => {
        scope = made
      }),
      { id: options.id, parent: options.parent },
    )
    ref.start()
    this.#parent = { ref, stopChild: (child) => scope?.stopChild(child) }
  }

  get(end: EndId): ActorCell | undefined {
    return this.#children.get(end)?.cell
  }

  /** All cells, in the order of their start. */
  *cells(): IterableIterator<ActorCell> {
    for (const child of this.#children.values()) yield child.cell
  }

  /** Adds a child, and starts it unless the supervisor itself is yet to be started. */
  add(spec: ChildSpec): ActorCell {
    const cell = new ActorCell({ ...spec, host: this.#host, parent: this.#parent, owner: this })
    this.#children.set(spec.end, { cell, history: noCrashes, restartTimer: undefined })
    if (this.#isStarted) void cell.start()
    return cell
  }

  /** Starts all children in order; one whose `init` is async makes the next wait. */
  async start(): Promise<void> {
    this.#isStarted = true
    for (const cell of this.cells()) if (cell.state === 'new') await cell.start()
  }

  /** Stops one child for good. */
  async stop(end: EndId, reason: StopReason): Promise<void> {
    const child = this.#children.get(end)
    if (child === undefined) return
    this.#host.clock.clearTimeout(child.restartTimer)
    await child.cell.stop(reason)
    if (this.#children.get(end) === child) this.#children.delete(end)
  }

  /** Stops all children, the last one started first; those left at `untilAt` together. */
  async stopAll(reason: StopReason, untilAt = Number.POSITIVE_INFINITY): Promise<void> {
    const stops: Promise<void>[] = []
    for (const end of [...this.#children.keys()].reverse()) {
      const stop = this.stop(end, reason)
      stops.push(stop)
      if (this.#host.clock.mono() < untilAt) await stop
    }
    await Promise.all(stops)
  }

  /** A child's instance is gone: called by its cell. */
  onExit(cell: ActorCell, isCrash: boolean): void {
    const child = this.#children.get(cell.end)
    if (child?.cell !== cell) return
    const { clock, random } = this.#host
    const exit = { isCrash, nowMs: clock.mono(), startedAt: cell.startedAt, chance: random() }
    const decision = decideRestart(child.history, exit, cell.options)
    if (decision.kind === 'stop') return void this.stop(cell.end, isCrash ? 'crashed' : 'normal')
    child.history = decision.history
    cell.backOff(decision.isLooping ? 'crash looping' : 'backing off')
    cell.log.warn({ delayMs: decision.delayMs, state: cell.state }, 'actor restarts')
    child.restartTimer = clock.setTimeout(() => this.#restart(child), decision.delayMs)
  }

  #restart(child: Child): void {
    child.cell.restarts++
    this.#host.onRestart(child.cell)
    void child.cell.start()
  }
}
