// What a conn is given by the one above it, the net, and what it tells it. Data packs come straight from the
// reader; everything else is rare.
import type { Clock, CloseReason, LinkClass, P2pError, P2pPack, Role } from '@p2pnet/wire'
import type { AnyActorRef } from 'xstate'
import type { Conn } from './conn.ts'
import type { ConnListener } from './conn-listener.ts'
import type { Link } from './link.ts'
import type { ResolvedConnOptions } from './options.ts'
import type { Sweep } from './sweep.ts'

export interface ConnSetup {
  readonly id: number
  readonly role: Role
  readonly linkClass: LinkClass
  readonly link: Link
  readonly options: ResolvedConnOptions
  readonly dialTimeoutMs: number
  readonly clock: Clock
  readonly sweep: Sweep
  readonly owner: ConnOwner
  readonly listener: ConnListener | undefined
  /** The actor under which the conn's machine lives. */
  readonly parent: AnyActorRef
}

/** What became of a pack. `full`: no room for new work. `too_large`: over the listener's frame limit. */
export type SendResult = 'sent' | 'full' | 'too_large' | 'closed'

/** Handlers of packs and control frames may throw a `ViolationError` or a `WireError`, which closes the conn. */
export interface ConnOwner {
  /** A dialled conn is connected: time for hello. */
  onConnected(conn: Conn): void
  /** A frame of the handshake that is legal in this phase. */
  onHandshake(conn: Conn, pack: P2pPack): void
  onOpen(conn: Conn): void
  /** A control frame of an open conn that is not the conn's own business. */
  onControl(conn: Conn, pack: P2pPack): void
  /** A tell, ask, reply, fail or cancel. Its payload is a view of the chunk. */
  onPack(conn: Conn, pack: P2pPack): void
  /** An ask, or the cancel of one, that came while the conn drains: it is not delivered. */
  onLatePack(conn: Conn, pack: P2pPack): void
  /** A quantum of packs, or a chunk, was handed over. */
  onTurn(conn: Conn): void
  /** The conn takes no new work and waits for `drained`. */
  onDraining(conn: Conn): void
  /** A violation or a failed link; `onClose` follows. */
  onError(conn: Conn, error: P2pError): void
  onClose(conn: Conn, reason: CloseReason): void
  /** Something of ours, or of a listener's, threw. */
  onFault(conn: Conn, error: unknown): void
}
