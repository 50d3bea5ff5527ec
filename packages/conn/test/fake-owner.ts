// The net's part in the life of a conn, as small as it can be: a handshake without proofs, an answer to drain,
// and a note of all that was heard. Any of it can be replaced through `hooks`.
import { type CloseReason, Kind, type P2pError, type P2pPack } from '@p2pnet/wire'
import type { Conn } from '../src/conn.ts'
import type { ConnOwner } from '../src/conn-owner.ts'
import { control, factOf } from './packs.ts'

export class FakeOwner implements ConnOwner {
  /** Data packs as facts, in order. */
  readonly packs: string[] = []
  /** Asks that came too late, as facts. */
  readonly latePacks: string[] = []
  readonly controls: Kind[] = []
  readonly errors: P2pError[] = []
  readonly faults: unknown[] = []
  readonly closes: CloseReason[] = []
  opens = 0
  /** How many data packs had come at each turn. */
  readonly turns: number[] = []
  hooks: Partial<ConnOwner> = {}
  /** What `open` is told. */
  frameBytesMax = 1024 * 1024

  onConnected(conn: Conn): void {
    if (this.hooks.onConnected !== undefined) return this.hooks.onConnected(conn)
    conn.sendInOrder(control(Kind.hello))
  }

  onHandshake(conn: Conn, pack: P2pPack): void {
    if (this.hooks.onHandshake !== undefined) return this.hooks.onHandshake(conn, pack)
    this.shakeHands(conn, pack)
  }

  shakeHands(conn: Conn, { kind }: P2pPack): void {
    if (kind === Kind.hello) {
      conn.sendInOrder(control(Kind.challenge))
      conn.advance('challenged')
    } else if (kind === Kind.challenge) {
      conn.sendInOrder(control(Kind.prove))
      conn.advance('challenged')
    } else if (kind === Kind.prove) {
      conn.advance('proved')
      this.accept(conn)
    } else if (kind === Kind.registered) conn.open(this.frameBytesMax)
    else throw new Error(`kind ${kind} is no handshake`)
  }

  /** The proof is good. */
  accept(conn: Conn): void {
    conn.sendInOrder(control(Kind.registered))
    conn.open(this.frameBytesMax)
  }

  onOpen(conn: Conn): void {
    this.opens++
    this.hooks.onOpen?.(conn)
  }

  onControl(conn: Conn, pack: P2pPack): void {
    this.controls.push(pack.kind)
    if (this.hooks.onControl !== undefined) return this.hooks.onControl(conn, pack)
    if (pack.kind === Kind.drain) conn.sendInOrder(control(Kind.drained))
    if (pack.kind === Kind.drained) conn.advance('drained')
  }

  onPack(conn: Conn, pack: P2pPack): void {
    this.packs.push(factOf(pack))
    this.hooks.onPack?.(conn, pack)
  }

  onTurn(conn: Conn): void {
    this.turns.push(this.packs.length)
    this.hooks.onTurn?.(conn)
  }

  onDraining(conn: Conn): void {
    if (this.hooks.onDraining !== undefined) return this.hooks.onDraining(conn)
    // A client cannot ask its gateway to drain; it is done when it says so.
    if (conn.linkClass === 'client' && conn.role === 'dialer') conn.advance('drained')
    else conn.sendAhead(control(Kind.drain))
  }

  onClose(conn: Conn, reason: CloseReason): void {
    this.closes.push(reason)
    this.hooks.onClose?.(conn, reason)
  }

  onError(conn: Conn, error: P2pError): void {
    this.errors.push(error)
    this.hooks.onError?.(conn, error)
  }

  onLatePack(conn: Conn, pack: P2pPack): void {
    this.latePacks.push(factOf(pack))
    this.hooks.onLatePack?.(conn, pack)
  }

  onFault(conn: Conn, error: unknown): void {
    this.faults.push(error)
    this.hooks.onFault?.(conn, error)
  }
}
