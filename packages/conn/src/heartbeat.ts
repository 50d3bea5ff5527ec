// Is the peer alive, and do we look alive to it? Stamps per chunk, read by the sweep. The dialer is active: it
// pings when it has sent nothing for a while; the listener is passive. Both ping when they have heard nothing,
// or a peer that has only to listen would pass for dead. (Seed, part 3 rule 1.) Owned by one Conn.
import { ByteReader, ByteWriter, type P2pPack, type Role } from '@p2pnet/wire'
import type { ResolvedConnOptions } from './options.ts'

const pingBytes = 8

/** What a pong echoes. @throws WireError `ERR_WIRE_BAD_FRAME` */
export const pingEcho = (pack: P2pPack): Uint8Array => new ByteReader(pack.payload).bytes(pingBytes)

export class Heartbeat {
  readonly #role: Role
  readonly #pingAfterMs: number
  readonly #deadAfterMs: number
  #lastInAt: number
  #lastOutAt: number
  #lastPingAt = Number.NEGATIVE_INFINITY
  #pingSeq = 0
  #roundTripMs: number | undefined

  constructor(role: Role, options: ResolvedConnOptions, nowMs: number) {
    this.#role = role
    this.#pingAfterMs = options.pingAfterMs
    this.#deadAfterMs = options.deadAfterMs
    this.#lastInAt = nowMs
    this.#lastOutAt = nowMs
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs
  }

  /** Any received byte is life. */
  heard(nowMs: number): void {
    this.#lastInAt = nowMs
  }

  spoke(nowMs: number): void {
    this.#lastOutAt = nowMs
  }

  check(nowMs: number): 'dead' | 'ping' | 'well' {
    if (nowMs - this.#lastInAt >= this.#deadAfterMs) return 'dead'
    const quietSince = this.#role === 'dialer' ? Math.min(this.#lastOutAt, this.#lastInAt) : this.#lastInAt
    return nowMs - Math.max(quietSince, this.#lastPingAt) >= this.#pingAfterMs ? 'ping' : 'well'
  }

  /** The payload of the next ping. */
  ping(nowMs: number): Uint8Array {
    this.#lastPingAt = nowMs
    this.#pingSeq++
    return new ByteWriter().uint(this.#pingSeq, pingBytes).done()
  }

  /** A pong with the payload of the last ping measures the round trip; any other one says nothing. */
  pong(payload: Uint8Array, nowMs: number): void {
    if (new ByteReader(payload).uint(pingBytes) === this.#pingSeq)
      this.#roundTripMs = nowMs - this.#lastPingAt
  }

  forgive(lateMs: number): void {
    this.#lastInAt += lateMs
  }
}
