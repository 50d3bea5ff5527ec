// One life of an xstate logic: an actor under the supervisor's own. A message is sent to it as one event, then its
// snapshot's status tells how that went; an observer tells of crashes and ends between messages.
import { endOf, formatEnd, type P2pEnd } from '@p2pnet/wire'
import { type AnyActorLogic, type AnyActorRef, createActor } from 'xstate'
import type { ActorCell } from './actor-cell.ts'
import type { StopReason } from './behaviour.ts'
import { ActorError } from './errors.ts'
import type { Instance } from './instance.ts'
import type { AskTicket, Message } from './message.ts'
import { parentOf } from './xstate-internals.ts'

/** What every event that came as a message carries, stamped by us after decoding. */
export interface P2pStamp {
  readonly from: P2pEnd
  /** Answers the ask now or later, through the action `reply` or `net.reply`. Absent for a tell. */
  readonly ask?: AskTicket
}

const instances = new WeakMap<AnyActorRef, MachineInstance>()

/** The instance that an xstate actor, or one of its descendants, belongs to. */
export function instanceOf(actor: AnyActorRef): MachineInstance | undefined {
  for (let at: AnyActorRef | undefined = actor; at !== undefined; at = parentOf(at)) {
    const instance = instances.get(at)
    if (instance !== undefined) return instance
  }
  return undefined
}

export class MachineInstance implements Instance {
  readonly concurrency = 1
  readonly cell: ActorCell
  readonly #logic: AnyActorLogic
  #actor: AnyActorRef | undefined
  /** The message whose event is being processed. */
  #message: Message | undefined
  #isDone = false

  constructor(cell: ActorCell, logic: AnyActorLogic) {
    this.cell = cell
    this.#logic = logic
  }

  start(): void {
    const { parent, options, end } = this.cell
    const actor = createActor(this.#logic, { id: formatEnd(end), parent: parent.ref, input: options.input })
    this.#actor = actor
    instances.set(actor, this)
    actor.subscribe({ error: (error) => this.crashed(error), complete: () => this.#onDone() })
    actor.start()
  }

  handle(message: Message, value: unknown): void {
    let event: MachineEvent
    try {
      event = toEvent(value)
    } catch (error) {
      return this.cell.refuse(message, error)
    }
    const ask = message.ask === undefined ? undefined : this.cell.work.keepOpen(message.ask)
    const from = endOf(message.from)
    const p2p: P2pStamp = ask === undefined ? { from } : { from, ask }
    this.#message = message
    this.#actor?.send({ ...event, p2p })
    if (this.#message === undefined) return
    this.#message = undefined
    this.cell.completed(message)
    if (this.#isDone) this.cell.finished(this)
  }

  stop(_reason: StopReason): void {
    const actor = this.#actor
    if (actor === undefined) return
    // What a crash has left behind is reaped where crashes are watched: xstate-internals.ts.
    if (actor.getSnapshot().status === 'active') this.cell.parent.stopChild(actor)
  }

  /** Called by the observer, and for async actions of the actor or its descendants. */
  crashed(error: unknown): void {
    const message = this.#message
    this.#message = undefined
    this.cell.crashed(this, error, message)
  }

  #onDone(): void {
    this.#isDone = true
    // Between messages, or already at its start, the end is reported at once; else after the message at hand.
    if (this.#message === undefined) this.cell.finished(this)
  }
}

type MachineEvent = Readonly<Record<string, unknown>> & { readonly type: string }

/**
 * A message as an event. What has no `type` arrives as `{ type: 'message', message }`. Foreign bytes must not
 * forge xstate's own events, nor our stamp.
 *
 * @throws ActorError `ERR_ACTOR_BAD_MESSAGE`, and whatever a getter of a local message throws.
 */
function toEvent(value: unknown): MachineEvent {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('type' in value)) {
    return { type: 'message', message: value }
  }
  const { type } = value
  if (typeof type !== 'string' || type.startsWith('xstate.') || type.includes('*')) {
    // The type itself is shown only if it is a string: turning foreign values into one can throw.
    const shown = typeof type === 'string' ? type.slice(0, 40) : `of type ${typeof type}`
    throw refused(`a message type must be a string, not begin with xstate. and not be *; it is ${shown}`)
  }
  if ('p2p' in value) throw refused('a message must not have a key p2p: it is stamped by the runtime')
  return { ...value, type }
}

const refused = (message: string): ActorError => new ActorError('ERR_ACTOR_BAD_MESSAGE', message)
