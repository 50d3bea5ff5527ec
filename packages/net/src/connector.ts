// Makes conns: listens where the options say, dials where the user says, and gives each conn its handshake.
import { Conn, ConnError, type Link, type LinkAddress, type LinkServer, Sweep } from '@p2pnet/conn'
import {
  badOption,
  type CloseReason,
  formatEnd,
  type LinkClass,
  type Role,
  requireInteger,
  requireOneOf,
  withDefaults,
} from '@p2pnet/wire'
import type { AnyActorRef } from 'xstate'
import { NetError } from './errors.ts'
import type { NetState } from './net-state.ts'
import { checkSecret, type ResolvedListen, requireLoopback } from './options.ts'
import { Peer } from './peer.ts'
import { deriveKey } from './proof.ts'
import type { Registrar } from './registrar.ts'

export interface DialAddress {
  /** Without a secret only loopback. @default '127.0.0.1' */
  readonly host?: string
  readonly port: number
}

export interface DialOptions {
  /** What the listener takes. By default `node`, and `client` for a net without a number, or where `node` is refused. */
  readonly links?: LinkClass | undefined
  /** @default the net's own secret */
  readonly secret?: string | undefined
  /** Dial again whenever the conn is lost. @default false */
  readonly reconnect?: boolean | undefined
}

/** Where to dial and how, checked. */
export interface DialTarget {
  readonly address: LinkAddress
  readonly links: LinkClass | undefined
  readonly secret: string | undefined
  readonly reconnect: boolean
}

export interface ConnectorParts {
  readonly state: NetState
  readonly registrar: Registrar
  readonly owner: ConstructorParameters<typeof Conn>[0]['owner']
  /** The parent of all connection machines. */
  readonly parent: AnyActorRef
}

export class Connector {
  readonly #parts: ConnectorParts
  readonly #sweep: Sweep
  readonly #servers: LinkServer[] = []
  #nextId = 1
  #isStopped = false

  constructor(parts: ConnectorParts) {
    this.#parts = parts
    this.#sweep = new Sweep(parts.state.options.clock)
  }

  /** Where this net listens, in the order of its options. */
  get addresses(): readonly LinkAddress[] {
    return this.#servers.map((server) => server.address)
  }

  /** @throws NetError `ERR_NET_LISTEN_FAILED` */
  async listen(): Promise<void> {
    const { links, listen } = this.#parts.state.options
    for (const place of listen) {
      if (this.#isStopped) return
      const key = keyOf(place.secret)
      try {
        this.#servers.push(await links.listen(place, (link) => void this.#accept(link, place, key)))
      } catch (error) {
        await this.stopListening()
        const message = `cannot listen on ${place.host}:${place.port}`
        throw new NetError('ERR_NET_LISTEN_FAILED', message, {
          details: { ...place, secret: undefined },
          cause: error,
        })
      }
    }
    // The stop came while the last one was about to listen.
    if (this.#isStopped) await this.stopListening()
  }

  /** Accepts no more, and never listens again. */
  async stopListening(): Promise<void> {
    this.#isStopped = true
    await Promise.all(this.#servers.map((server) => server.close()))
  }

  /** Resolves when the conn is open and the peer's first routes are known. @throws ConnError */
  async dial({ address, links, secret }: DialTarget): Promise<Peer> {
    // Whoever asked a gateway for its number is a client for good.
    const linkClass = links ?? (this.#parts.state.options.end === undefined ? 'client' : 'node')
    try {
      return await this.#dialAs(linkClass, address, secret)
    } catch (error) {
      const isMismatch = error instanceof ConnError && error.details.reason === 'class_mismatch'
      if (links !== undefined || linkClass === 'client' || !isMismatch || this.#isStopped) throw error
      this.#parts.state.options.logger.warn(
        { address },
        'the port takes client links, dialled again as a client',
      )
      return this.#dialAs('client', address, secret)
    }
  }

  async #dialAs(linkClass: LinkClass, target: LinkAddress, secret: string | undefined): Promise<Peer> {
    const { state } = this.#parts
    const peer = this.#make('dialer', linkClass, state.options.links.dial(target))
    this.#parts.registrar.begin(peer.conn, keyOf(secret))
    const { clock, dialTimeoutMs } = state.options
    // A listener that registers us and then announces nothing must not keep the caller waiting.
    const timeoutMs = dialTimeoutMs + 2 * peer.conn.options.registerTimeoutMs
    const timer = clock.setTimeout(() => peer.conn.kick('register_timeout'), timeoutMs)
    try {
      return await this.#readyOf(peer)
    } finally {
      clock.clearTimeout(timer)
    }
  }

  /** Both sides may have dialled at once, or one of them again: the conn that stays is what the caller wanted. */
  async #readyOf(peer: Peer): Promise<Peer> {
    try {
      await peer.ready
      return peer
    } catch (error) {
      const other = this.#parts.state.rivalOf(peer)
      const isReplaced = error instanceof ConnError && error.details.reason === 'replaced'
      if (!isReplaced || other === undefined) throw error
      return this.#readyOf(other)
    }
  }

  #accept(link: Link, place: ResolvedListen, key: Uint8Array | undefined): void {
    if (this.#isStopped) return link.destroy()
    const { conn } = this.#make('listener', place.links, link)
    this.#parts.registrar.begin(conn, key)
  }

  #make(role: Role, linkClass: LinkClass, link: Link): Peer {
    const { state, owner, parent } = this.#parts
    const { options } = state
    const conn = new Conn({
      id: this.#nextId++,
      role,
      linkClass,
      link,
      options: options.conn[linkClass],
      dialTimeoutMs: options.dialTimeoutMs,
      clock: options.clock,
      sweep: this.#sweep,
      owner,
      listener: options.connListener,
      parent,
    })
    const peer = new Peer(conn)
    state.peers.set(conn, peer)
    this.#sweep.add(peer)
    void peer.closed.then(() => this.#sweep.delete(peer))
    return peer
  }
}

const keyOf = (secret: string | undefined): Uint8Array | undefined =>
  secret === undefined ? undefined : deriveKey(secret)

const defaultAddress = { host: '127.0.0.1', port: undefined as number | undefined }
const defaultDial = {
  links: undefined as LinkClass | undefined,
  secret: undefined as string | undefined,
  reconnect: false as boolean,
}

/** Fills and checks what `dial` is given. @throws OptionError */
export function resolveDial(
  given: DialAddress,
  options: DialOptions | undefined,
  netSecret: string | undefined,
): DialTarget {
  const { host, port } = withDefaults('dial', defaultAddress, given)
  const { links, secret = netSecret, reconnect } = withDefaults('dial', defaultDial, options)
  requireInteger('dial.port', port, { min: 1, max: 0xffff })
  if (typeof host !== 'string') throw badOption('dial.host', host, 'a host name or address')
  checkSecret('dial.secret', secret)
  if (links !== undefined) requireOneOf('dial.links', links, ['node', 'client'])
  if (typeof reconnect !== 'boolean') throw badOption('dial.reconnect', reconnect, 'true or false')
  if (secret === undefined) requireLoopback('dial.host', host)
  return { address: { host, port: port as number }, links, secret, reconnect } // An integer, as checked.
}

/** Why a conn never became ready, as whoever dialled it is told. */
export function dialError({ conn, error: cause }: Peer, reason: CloseReason): ConnError {
  const details = { reason, address: conn.remoteAddress }
  if (reason === 'connect_timeout')
    return new ConnError('ERR_CONN_DIAL_TIMEOUT', 'the peer did not answer in time', { details })
  if (reason === 'connect_failed') {
    return new ConnError('ERR_CONN_DIAL_FAILED', cause?.message ?? 'the peer cannot be reached', {
      details,
      cause,
    })
  }
  return new ConnError('ERR_CONN_REGISTER_FAILED', `registering ended with ${reason}`, { details, cause })
}

export const peerName = (peer: Peer): string =>
  peer.end === undefined ? 'unregistered' : formatEnd(peer.end)
