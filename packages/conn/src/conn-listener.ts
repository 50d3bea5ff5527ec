// The seed's ConnListener: who wants to observe the whole life of every conn gives one to the net.
import { type CloseReason, guard, type P2pError } from '@p2pnet/wire'
import type { Conn } from './conn.ts'
import type { ConnOwner } from './conn-owner.ts'

/**
 * The moments of a conn's life. (Seed: `OnConnOpen`, `OnConnClose`, `OnConnError`, `OnConnRead`, `OnConnWrite`.)
 * A listener that throws, or returns a promise that rejects, is logged and changes nothing.
 */
export interface ConnListener {
  /** The conn is registered and open. */
  onConnOpen?(conn: Conn): unknown
  /** The conn is closed, for this reason; nothing follows. Also for conns that never opened. */
  onConnClose?(conn: Conn, reason: CloseReason): unknown
  /** A violation or a failed link; `onConnClose` follows. */
  onConnError?(conn: Conn, error: P2pError): unknown
  /** A chunk of so many bytes has come. Costs nothing when absent. */
  onConnRead?(conn: Conn, bytes: number): unknown
  /** A batch of so many bytes was written. Costs nothing when absent. */
  onConnWrite?(conn: Conn, bytes: number): unknown
}

/** Tells a listener the moments of one conn, guarded. */
export class ConnNotifier {
  readonly #listener: ConnListener | undefined
  readonly #owner: ConnOwner

  constructor(listener: ConnListener | undefined, owner: ConnOwner) {
    this.#listener = listener
    this.#owner = owner
  }

  opened(conn: Conn): void {
    this.#guard(conn, (listener) => listener.onConnOpen?.(conn))
  }

  closed(conn: Conn, reason: CloseReason): void {
    this.#guard(conn, (listener) => listener.onConnClose?.(conn, reason))
  }

  failed(conn: Conn, error: P2pError): void {
    this.#owner.onError(conn, error)
    this.#guard(conn, (listener) => listener.onConnError?.(conn, error))
  }

  read(conn: Conn, bytes: number): void {
    if (this.#listener?.onConnRead !== undefined)
      this.#guard(conn, (listener) => listener.onConnRead?.(conn, bytes))
  }

  wrote(conn: Conn, bytes: number): void {
    if (this.#listener?.onConnWrite !== undefined)
      this.#guard(conn, (listener) => listener.onConnWrite?.(conn, bytes))
  }

  #guard(conn: Conn, call: (listener: ConnListener) => unknown): void {
    const listener = this.#listener
    if (listener === undefined) return
    guard(
      () => call(listener),
      (error) => this.#owner.onFault(conn, error),
    )
  }
}
