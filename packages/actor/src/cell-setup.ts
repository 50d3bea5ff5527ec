// What a cell is made of: given by the supervisor that it is a place in.
import type { EndId } from '@p2pnet/wire'
import type { AnyActorRef } from 'xstate'
import type { ActorCell } from './actor-cell.ts'
import type { ActorHost } from './actor-host.ts'
import type { Behaviour } from './behaviour.ts'
import type { ResolvedSpawnOptions } from './options.ts'

/** Where a cell is in its life. */
export type CellStatus =
  | 'new'
  | 'starting'
  | 'running'
  | 'backing off'
  | 'crash looping'
  | 'stopping'
  | 'stopped'

/** The supervisor's ear. */
export interface CellOwner {
  /** The instance is gone; the owner decides what follows. */
  onExit(cell: ActorCell, isCrash: boolean): void
}

export interface CellSetup {
  readonly end: EndId
  readonly behaviour: Behaviour
  readonly options: ResolvedSpawnOptions
  readonly host: ActorHost
  readonly parent: CellParent
  readonly owner: CellOwner
}

/** Where a cell's xstate actor hangs in the tree, and who stops it. */
export interface CellParent {
  readonly ref: AnyActorRef
  stopChild(child: AnyActorRef): void
}
