// The life of one conn: runs its connection machine over its link, keeps its phase and its deadline, and hands
// what the machine decides to the conn. The machine is provided once, not once per conn, because building a
// machine costs more than a conn does; each of its actions finds its life by the actor.
import type { Clock, CloseReason, Phase, Role } from '@p2pnet/wire'
import { type ActorRefFrom, type AnyActorRef, createActor } from 'xstate'
import { type ConnEvent, connMachine, type DeadlineName } from './conn-machine.ts'
import { type DeadlineTimes, nextDeadline } from './deadline.ts'
import { ConnError } from './errors.ts'
import type { Link } from './link.ts'

/** What the conn does when its link or its machine says so. */
export interface ConnEffects {
  onChunk(chunk: Uint8Array): void
  onDrain(): void
  onLinkError(error: ConnError): void
  onPhase(phase: Phase): void
  onOpen(): void
  onDraining(): void
  sendBye(reason: CloseReason): void
  dropUnsent(): void
  onClosed(reason: CloseReason): void
  /** An action threw, which is our own fault: the machine is dead and the conn must not stay behind. */
  onCrash(error: unknown): void
}

export interface ConnLifeSetup {
  readonly id: string
  readonly role: Role
  readonly link: Link
  readonly parent: AnyActorRef
  readonly clock: Clock
  readonly times: DeadlineTimes
  readonly effects: ConnEffects
}

const lives = new WeakMap<object, ConnLife>()

function lifeOf({ self }: { readonly self: object }): ConnLife {
  const life = lives.get(self)
  if (life === undefined) throw new Error('a connection machine runs without its conn')
  return life
}

const providedMachine = connMachine.provide({
  actions: {
    enterPhase: (args, { phase }) => lifeOf(args).enterPhase(phase),
    setDeadline: (args, { name }) => lifeOf(args).setDeadline(name),
    openGate: (args) => lifeOf(args).effects.onOpen(),
    askPeerToDrain: (args) => lifeOf(args).effects.onDraining(),
    sendBye: (args) => lifeOf(args).effects.sendBye(args.context.reason ?? 'normal'),
    dropUnsent: (args) => lifeOf(args).effects.dropUnsent(),
    endLink: (args) => lifeOf(args).endLink(),
    finish: (args) => lifeOf(args).finish(args.context.reason ?? 'normal'),
  },
})

export class ConnLife {
  readonly effects: ConnEffects
  readonly #setup: ConnLifeSetup
  readonly #actor: ActorRefFrom<typeof connMachine>
  #phase: Phase = 'connecting'
  #deadlineAt = Number.POSITIVE_INFINITY
  #drainTimeoutMs = 0
  /** Until when the drain that was begun may last. */
  #drainUntil = 0

  constructor(setup: ConnLifeSetup) {
    this.#setup = setup
    this.effects = setup.effects
    this.#actor = createActor(providedMachine, { id: setup.id, parent: setup.parent })
    lives.set(this.#actor, this)
    this.#actor.subscribe({ error: (error) => this.#onCrash(error) })
  }

  get phase(): Phase {
    return this.#phase
  }

  /** The statechart's own words: a string or nested states. */
  get state(): unknown {
    return this.#actor.getSnapshot().value
  }

  start(): void {
    const { link, role } = this.#setup
    this.#actor.start()
    link.attach({
      onOpen: () => this.send({ type: 'socket.opened' }),
      onChunk: (chunk) => this.effects.onChunk(chunk),
      onDrain: () => this.effects.onDrain(),
      onEnd: () => this.send({ type: 'socket.ended' }),
      onClose: (error) => this.#onLinkClose(error),
    })
    if (role === 'listener') this.send({ type: 'socket.opened' })
  }

  send(event: ConnEvent): void {
    // xstate warns of events that come after the end, and here some always do: the link's close for one.
    if (this.#phase !== 'closed') this.#actor.send(event)
  }

  /** How long `draining` may wait for work that has begun. */
  setDrainTimeout(timeoutMs: number): void {
    this.#drainTimeoutMs = timeoutMs
  }

  /** Called by the sweep: true when a deadline was due, which the machine has then been told. */
  isOverdue(nowMs: number): boolean {
    if (nowMs < this.#deadlineAt) return false
    this.send({ type: 'deadline' })
    return true
  }

  forgive(lateMs: number): void {
    this.#deadlineAt += lateMs
  }

  enterPhase(phase: Phase): void {
    const before = this.#phase
    this.#phase = phase
    if (phase === 'judging') this.#setup.link.pause()
    else if (before === 'judging') this.#setup.link.resume()
    this.effects.onPhase(phase)
  }

  setDeadline(name: DeadlineName): void {
    const times = { ...this.#setup.times, drainTimeoutMs: this.#drainTimeoutMs, drainUntil: this.#drainUntil }
    this.#deadlineAt = nextDeadline(name, { ...times, nowMs: this.#setup.clock.mono() })
    if (name === 'drain') this.#drainUntil = this.#deadlineAt
  }

  endLink(): void {
    this.#setup.link.end()
  }

  finish(reason: CloseReason): void {
    this.#setup.link.destroy()
    this.effects.onClosed(reason)
  }

  #onCrash(error: unknown): void {
    this.#phase = 'closed'
    this.effects.onCrash(error)
    this.finish('internal_error')
  }

  #onLinkClose(error: Error | undefined): void {
    const wasConnecting = this.#phase === 'connecting'
    if (error !== undefined && this.#phase !== 'closed') {
      const code = wasConnecting ? 'ERR_CONN_DIAL_FAILED' : 'ERR_CONN_LINK_FAILED'
      this.effects.onLinkError(new ConnError(code, error.message, { cause: error }))
    }
    this.send({ type: 'socket.closed', reason: wasConnecting ? 'connect_failed' : 'link_failed' })
  }
}
