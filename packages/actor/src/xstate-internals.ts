// The only file that touches what xstate 5.33.3 keeps private, each with a contract test. What is public
// (createActor with a parent, subscribe, stopChild, ActorScope) is used elsewhere directly.
import { type Clock, isThenable, type TimerHandle } from '@p2pnet/wire'
import type { AnyActorRef, EventObject } from 'xstate'

type Execute = (info: unknown, params: unknown) => unknown
interface ExecutableAction {
  readonly type: string
  readonly exec?: Execute
}

interface PrivateLogic {
  /** Of promises, callbacks and observables: what they take when they start, they give back on `xstate.stop`. */
  readonly start?: unknown
  transition(snapshot: unknown, event: EventObject, scope: unknown): unknown
}

/** What an xstate 5.33.3 actor looks like inside. */
interface PrivateActor {
  readonly _parent?: AnyActorRef
  readonly _actorScope: { actionExecutor: (action: ExecutableAction) => void }
  readonly logic: PrivateLogic
  _stop(): void
}

interface InspectionEvent {
  readonly type: string
  readonly actorRef?: AnyActorRef
  readonly sourceRef?: AnyActorRef | undefined
  readonly event?: EventObject
}

interface PrivateSystem {
  readonly _clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  _sendInspectionEvent(event: InspectionEvent): void
  _unregister(actor: AnyActorRef): void
  _relay(source: AnyActorRef, target: AnyActorRef, event: EventObject): void
  scheduler: {
    schedule(source: AnyActorRef, target: AnyActorRef, event: EventObject, delay: number, id?: string): void
    cancel(source: AnyActorRef, id: string): void
    cancelAll(source: AnyActorRef): void
  }
}

const insideOf = (actor: AnyActorRef): PrivateActor => actor as unknown as PrivateActor // Checked by contract tests.

const systemOf = (actor: AnyActorRef): PrivateSystem => actor.system as unknown as PrivateSystem // As above.

export const parentOf = (actor: AnyActorRef): AnyActorRef | undefined => insideOf(actor)._parent

/**
 * Watches the actions of every actor below a root for returned promises that reject. xstate drops what an action
 * returns, so an async action that fails would be an unhandled rejection. The system announces every actor before
 * its first action is resolved, also when nobody inspects; that is where its executor is wrapped. It announces every
 * crash too, as an event to the parent, whether or not the parent handles it: then what is left behind is reaped.
 */
export function watchActors(root: AnyActorRef, onReject: (actor: AnyActorRef, error: unknown) => void): void {
  const inside = systemOf(root)
  const announce = inside._sendInspectionEvent
  inside._sendInspectionEvent = (event) => {
    const { type, actorRef, sourceRef } = event
    if (type === '@xstate.actor' && actorRef !== undefined) watchActor(actorRef, onReject)
    if (type === '@xstate.event' && sourceRef !== undefined && hasCrashed(sourceRef, event)) reap(sourceRef)
    announce(event)
  }
}

function watchActor(actor: AnyActorRef, onReject: (actor: AnyActorRef, error: unknown) => void): void {
  const scope = insideOf(actor)._actorScope
  const execute = scope.actionExecutor
  const watched =
    (exec: Execute): Execute =>
    (info, params) => {
      const result = exec(info, params)
      if (isThenable(result)) result.then(undefined, (error) => onReject(actor, error))
    }
  scope.actionExecutor = (action) => {
    // Built-in actions are xstate's own and return nothing.
    const { exec } = action
    execute(
      exec === undefined || action.type.startsWith('xstate.') ? action : { ...action, exec: watched(exec) },
    )
  }
}

/** The event tells of a crash, and is none that a user has made up. */
const hasCrashed = (source: AnyActorRef, { event }: InspectionEvent): boolean =>
  typeof event?.type === 'string' &&
  event.type.startsWith('xstate.error.actor.') &&
  source.getSnapshot().status === 'error'

/** Closes what a crashed actor leaves open: its children, what its logic holds, and the names it was giving away. */
function reap(crashed: AnyActorRef): void {
  const snapshot: { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> } =
    crashed.getSnapshot()
  for (const child of Object.values(snapshot.children ?? {})) if (child !== undefined) insideOf(child)._stop()
  const { logic, _actorScope: scope } = insideOf(crashed)
  if (snapshot.children === undefined && logic.start !== undefined) {
    try {
      logic.transition(snapshot, { type: 'xstate.stop' }, scope)
    } catch {
      // The crash itself is reported; a disposer that fails after it has nobody to tell.
    }
  }
  // A child of the very transition that crashed never started, but would keep its systemId from the next start.
  for (const child of Object.values(crashed.system.getAll())) {
    if (child !== undefined && parentOf(child) === crashed) systemOf(crashed)._unregister(child)
  }
}

interface DelayedEvent {
  readonly id: string | undefined
  timer: TimerHandle
}

/**
 * Replaces the scheduler of a system by one that knows each actor's timers. xstate's own looks through all timers of
 * the system whenever one actor stops, so stopping 10,000 actors with a timer each takes seconds.
 */
export function indexTimers(root: AnyActorRef): void {
  const system = systemOf(root)
  const delayedBy = new WeakMap<AnyActorRef, Set<DelayedEvent>>()
  const clear = (own: Set<DelayedEvent>, delayed: DelayedEvent): void => {
    own.delete(delayed)
    system._clock.clearTimeout(delayed.timer)
  }
  system.scheduler = {
    schedule: (source, target, event, delay, id) => {
      const own = delayedBy.get(source) ?? new Set<DelayedEvent>()
      delayedBy.set(source, own)
      const delayed: DelayedEvent = { id, timer: undefined }
      own.add(delayed)
      delayed.timer = system._clock.setTimeout(() => {
        own.delete(delayed)
        system._relay(source, target, event)
      }, delay)
    },
    cancel: (source, id) => {
      const own = delayedBy.get(source)
      // Of several with one id the latest is meant, as in xstate.
      const latest = [...(own ?? [])].findLast((delayed) => delayed.id === id)
      if (own !== undefined && latest !== undefined) clear(own, latest)
    },
    cancelAll: (source) => {
      const own = delayedBy.get(source)
      for (const delayed of own ?? []) if (own !== undefined) clear(own, delayed)
    },
  }
}
