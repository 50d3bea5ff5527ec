// One running node: the public face of everything. It starts and stops the parts that net-parts.ts puts together;
// step 5 of a pack's way goes through conn-events.ts and pack-receiver.ts. (Seed: P2pNet.)
import {
  type ActorCell,
  type AskOptions,
  type AskTicket,
  type Behaviour,
  requireBehaviour,
  resolveSpawnOptions,
  type SpawnOptions,
} from '@p2pnet/actor'
import type { LinkAddress } from '@p2pnet/conn'
import { type EndId, type EndLike, endOf, type P2pEnd, requireInteger, toEndId } from '@p2pnet/wire'
import { type DialAddress, type DialOptions, resolveDial } from './connector.ts'
import { type DialedPeer, Redial } from './dialed-peer.ts'
import { NetError } from './errors.ts'
import { assembleNet, type NetParts } from './net-parts.ts'
import { type NetStats, statsOf } from './net-stats.ts'
import { type NetOptions, type ResolvedNetOptions, resolveNetOptions } from './options.ts'
import type { Peer } from './peer.ts'
import { noNumberError, ownEnd, resolvePlace, type SpawnPlace } from './spawn-place.ts'

/** An actor that was spawned. */
export interface SpawnedActor {
  /** @throws NetError `ERR_NET_END_UNKNOWN` while a `'self'` waits for its gateway's number. */
  readonly end: P2pEnd
  /** Stops it for good. May be called twice. */
  stop(): Promise<void>
}

/** Time after the deadline of a close for goodbyes to arrive. */
const goodbyeMs = 2_500
const closeDeadlineMs = 5_000
const deadlineMsMax = 0x7fffffff - goodbyeMs

export class P2pNet {
  readonly #options: ResolvedNetOptions
  readonly #parts: NetParts
  readonly #dialed = new Set<Redial>()
  #waiting: { readonly isDone: () => boolean; readonly resolve: () => void }[] = []
  #started: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #isStarted = false

  /** @throws OptionError for a bad option: its name, its value and what is allowed. */
  constructor(options: NetOptions) {
    this.#options = resolveNetOptions(options)
    this.#parts = assembleNet(this, this.#options, () => this.#onProgress())
  }

  /** This node's own end; undefined until a gateway has given the number. */
  get end(): P2pEnd | undefined {
    const { end } = this.#parts.state
    return end === undefined ? undefined : endOf(end)
  }

  /** Where it listens; the first of its `listen` options. */
  get address(): LinkAddress | undefined {
    return this.addresses[0]
  }

  get addresses(): readonly LinkAddress[] {
    return this.#parts.connector.addresses
  }

  /** `starting`, `running`, `draining` or `stopped`. */
  get state(): string {
    return this.#parts.root.getSnapshot().value
  }

  /** Starts an actor. @throws NetError `ERR_NET_END_TAKEN`, `ERR_NET_CLOSED`; ActorError, OptionError */
  spawn<Input>(place: SpawnPlace, logic: Behaviour, options?: SpawnOptions<Input>): SpawnedActor {
    this.#requireOpen()
    const behaviour = requireBehaviour(logic)
    const resolved = resolveSpawnOptions(options, this.#options.spawn)
    const { state, announcer, registrar } = this.#parts
    let cell: ActorCell | undefined
    const add = (end: EndId): void => {
      // The announcement comes first, because a start may send.
      announcer.announce(end)
      cell = state.actors.add({ end, behaviour, options: resolved })
    }
    if (place === 'self' && state.end === undefined) registrar.whenNumbered(add)
    else add(resolvePlace(state, place))
    return this.#spawned(() => cell)
  }

  /** Starts the actors, then the listeners. @throws NetError `ERR_NET_LISTEN_FAILED`, `ERR_NET_CLOSED` */
  start(): Promise<void> {
    this.#started ??= this.#start()
    return this.#started
  }

  /**
   * Registers at another node. Resolves when the conn is open and the first routes are known.
   *
   * @throws ConnError `ERR_CONN_DIAL_FAILED`, `ERR_CONN_DIAL_TIMEOUT`, `ERR_CONN_REGISTER_FAILED`; OptionError; NetError
   */
  async dial(address: DialAddress, options?: DialOptions): Promise<DialedPeer> {
    this.#requireOpen()
    if (!this.#isStarted) throw new NetError('ERR_NET_NOT_STARTED', 'start the net before it dials')
    const target = resolveDial(address, options, this.#options.secret)
    const connect = () => this.#parts.connector.dial(target)
    const rivalOf = (peer: Peer) => this.#parts.state.rivalOf(peer)
    const setup = { ...this.#options, connect, rivalOf, reconnect: target.reconnect, all: this.#dialed }
    const dialed = new Redial(await connect(), setup)
    if (this.#closed !== undefined) dialed.stop()
    return dialed
  }

  /** Sends a message, at most once. @throws WireError for what cannot travel; NetError `ERR_NET_CLOSED` */
  tell(to: EndLike, message: unknown): void {
    this.#requireOpen()
    this.#parts.messenger.tell(ownEnd(this.#parts.state), to, message)
  }

  /** Asks and waits. Rejects with an `AskError`; its `mayHaveRun` says whether it is safe to ask again. */
  ask(to: EndLike, message: unknown, options?: AskOptions): Promise<unknown> {
    const { state, messenger } = this.#parts
    if (this.#closed !== undefined) return Promise.reject(closedError())
    if (state.end === undefined) return Promise.reject(noNumberError())
    return messenger.ask(state.end, to, message, options)
  }

  /** Answers an ask that a handler has deferred. False when it is not open any more. */
  reply(ticket: AskTicket, value: unknown): boolean {
    const { state } = this.#parts
    if (ticket.tag !== state.tag) return false
    return state.actors.get(toEndId(ticket.end))?.work.reply(ticket.ask, value) ?? false
  }

  /** `'local'`, the end of the neighbour that it is routed to, or undefined. */
  where(end: EndLike): 'local' | P2pEnd | undefined {
    const id = toEndId(end)
    const { state } = this.#parts
    if (id === state.end || state.actors.get(id) !== undefined) return 'local'
    const peerEnd = state.table.get(id)?.peer.end
    return peerEnd === undefined ? undefined : endOf(peerEnd)
  }

  /** Every known end of a type, in order. */
  ends(endType: number): P2pEnd[] {
    const { state } = this.#parts
    const known = new Set<EndId>([
      ...state.table.ends(),
      ...[...state.actors.cells()].map((cell) => cell.end),
    ])
    if (state.end !== undefined) known.add(state.end)
    return [...known]
      .filter((end) => end >>> 16 === endType)
      .sort((one, other) => one - other)
      .map(endOf)
  }

  /** Plain counters, and what is there now. */
  stats(): NetStats {
    return statsOf(this.#parts)
  }

  /** Stops an actor for good: its end is withdrawn, its queued messages become dead letters. */
  async stop(end: EndLike): Promise<void> {
    await this.#parts.state.actors.stop(toEndId(end), 'stopped')
  }

  /** Drains and stops: no new work, what is under way is finished within the deadline. May be called twice. */
  async close({ deadlineMs = closeDeadlineMs }: { readonly deadlineMs?: number } = {}): Promise<void> {
    requireInteger('deadlineMs', deadlineMs, { min: 0, max: deadlineMsMax })
    this.#closed ??= this.#close(deadlineMs)
    return this.#closed
  }

  async #start(): Promise<void> {
    this.#requireOpen()
    const { root, state, connector } = this.#parts
    root.start()
    this.#isStarted = true
    try {
      await state.actors.start()
      await connector.listen()
      // It may have been closed meanwhile.
      this.#requireOpen()
    } catch (error) {
      await this.close({ deadlineMs: 0 })
      throw error
    }
    root.send({ type: 'started' })
  }

  async #close(deadlineMs: number): Promise<void> {
    const { root, state, connector, messenger } = this.#parts
    const { clock } = this.#options
    const endAt = clock.mono() + deadlineMs
    if (!this.#isStarted) root.start()
    root.send({ type: 'close.requested' })
    for (const dialed of this.#dialed) dialed.stop()
    await connector.stopListening()
    for (const { conn } of state.peers.values()) conn.close('shutdown', deadlineMs)
    // Conns close by themselves when all asks over them are answered, also those that an actor has deferred.
    const isIdle = () => state.inFlight === 0 && messenger.pending.size === 0 && state.peers.size === 0
    await this.#until(isIdle, deadlineMs)
    await state.actors.stopAll('shutdown', endAt)
    await this.#until(() => state.peers.size === 0, Math.max(0, endAt - clock.mono()) + goodbyeMs)
    for (const { conn } of state.peers.values()) conn.destroy('shutdown')
    messenger.close()
    root.send({ type: 'drained' })
  }

  /** Waits for a condition that progress may bring about, but no longer than this. */
  async #until(isDone: () => boolean, timeoutMs: number): Promise<void> {
    if (isDone()) return
    const { clock } = this.#options
    await new Promise<void>((resolve) => {
      const timer = clock.setTimeout(resolve, timeoutMs)
      this.#waiting.push({
        isDone,
        resolve: () => {
          clock.clearTimeout(timer)
          resolve()
        },
      })
    })
  }

  #onProgress(): void {
    if (this.#waiting.length === 0) return
    for (const waiting of this.#waiting) if (waiting.isDone()) waiting.resolve()
    this.#waiting = this.#waiting.filter((waiting) => !waiting.isDone())
  }

  #spawned(cellOf: () => ActorCell | undefined): SpawnedActor {
    const { state, registrar } = this.#parts
    return {
      get end() {
        return endOf(cellOf()?.end ?? ownEnd(state))
      },
      stop: async () => {
        const cell = cellOf()
        if (cell === undefined) registrar.whenNumbered(undefined)
        // Whoever has the end after it is not its own to stop.
        else if (state.actors.get(cell.end) === cell) await this.stop(endOf(cell.end))
      },
    }
  }

  #requireOpen(): void {
    if (this.#closed !== undefined) throw closedError()
  }
}

const closedError = (): NetError => new NetError('ERR_NET_CLOSED', 'the net is closed')
