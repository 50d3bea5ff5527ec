// The only file that touches what xstate 5.33.3 keeps private, each with a contract test. What is public
// (createActor with a parent, subscribe, stopChild, ActorScope) is used elsewhere directly.
import { type Clock, isThenable, type TimerHandle } from '@p2pnet/wire'
import type { AnyActorRef, EventObject } from 'xstate'

type Execute = (info: unknown, params: unknown) => unknown
interface ExecutableAction {
  readonly type: string
  readonly exec?: Execute
}

/** What an xstate 5.33.3 actor looks like inside. */
interface PrivateActor {
  readonly _parent?: AnyActorRef
  readonly _processingStatus: number
  readonly _actorScope: { actionExecutor: (action: ExecutableAction) => void }
  _stop(): void
}

interface PrivateSystem {
  readonly _clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>
  _sendInspectionEvent(event: { readonly type: string; readonly actorRef?: AnyActorRef }): void
  _relay(source: AnyActorRef, target: AnyActorRef, event: EventObject): void
  scheduler: {
    schedule(source: AnyActorRef, target: AnyActorRef, event: EventObject, delay: number, id?: string): void
    cancel(source: AnyActorRef, id: string): void
    cancelAll(source: AnyActorRef): void
  }
}

const stopped = 2

const insideOf = (actor: AnyActorRef): PrivateActor => actor as unknown as PrivateActor // Checked by contract tests.

export const parentOf = (actor: AnyActorRef): AnyActorRef | undefined => insideOf(actor)._parent

/**
 * Watches the actions of every actor below a root for returned promises that reject. xstate drops what an action
 * returns, so an async action that fails would be an unhandled rejection. The system announces every actor before
 * its first action is resolved, also when nobody inspects; that is where its executor is wrapped.
 */
export function watchAsyncActions(
  root: AnyActorRef,
  onReject: (actor: AnyActorRef, error: unknown) => void,
): void {
  const inside = root.system as unknown as PrivateSystem // Checked by contract tests.
  const announce = inside._sendInspectionEvent
  inside._sendInspectionEvent = (event) => {
    if (event.type === '@xstate.actor' && event.actorRef !== undefined) watchActor(event.actorRef, onReject)
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

/** Stops the children that a crash has orphaned, their children included. Disposers of callbacks run. */
export function reapOrphans(actor: AnyActorRef): void {
  const snapshot: { readonly children?: Readonly<Record<string, AnyActorRef | undefined>> } =
    actor.getSnapshot()
  for (const child of Object.values(snapshot.children ?? {})) {
    if (child === undefined) continue
    // A child that crashed itself is stopped already, but its own children are not.
    if (insideOf(child)._processingStatus === stopped) reapOrphans(child)
    else insideOf(child)._stop()
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
  const system = root.system as unknown as PrivateSystem // Checked by contract tests.
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
