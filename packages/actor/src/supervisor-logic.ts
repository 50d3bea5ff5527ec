// The xstate side of a supervisor: an actor that is the parent of its children and holds none of them. Machines
// that hold children in their snapshot are O(N) per spawn and per stop; here the supervisor's own Map holds them.
import type { ActorLogic, ActorScope, AnyActorRef, EventObject, Snapshot } from 'xstate'

export type SupervisorSnapshot = Snapshot<undefined> & { readonly value: 'running' }

type SupervisorScope = ActorScope<SupervisorSnapshot, EventObject>

/** What the supervisor keeps of its xstate actor. */
export interface BranchScope {
  stopChild(child: AnyActorRef): void
}

const running: SupervisorSnapshot = {
  status: 'active',
  output: undefined,
  error: undefined,
  value: 'running',
}

/** Children report to their cells and conns directly, so every event is one that may be ignored. */
export function supervisorLogic(
  onScope: (scope: BranchScope) => void = () => {},
): ActorLogic<SupervisorSnapshot, EventObject> {
  return {
    getInitialSnapshot: (scope: SupervisorScope) => {
      onScope(scope)
      return running
    },
    transition: (snapshot) => snapshot,
    getPersistedSnapshot: (snapshot) => snapshot,
  }
}
