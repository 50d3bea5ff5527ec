// Links inside one process, with the manners of TCP: bytes arrive later and in order, a slow reader makes the
// writer busy, ends are half-closes. For tests and simulations; every delivery goes through the clock.
import type { Clock } from '@p2pnet/wire'
import type { Link, LinkAddress, LinkFactory, LinkHandlers, LinkServer } from './link.ts'

/** Bytes under way before a writer is told to wait. */
const windowBytes = 64 * 1024

type Delivery = { readonly kind: 'chunk'; readonly chunk: Uint8Array } | { readonly kind: 'end' }

/** A closed world of links: what one `listen`s, the same factory can `dial`. */
export function createMemoryLinks(clock: Clock): LinkFactory {
  const servers = new Map<string, (link: Link) => void>()
  let nextPort = 1
  return {
    listen(address, onLink): Promise<LinkServer> {
      const bound = { host: address.host, port: address.port === 0 ? nextPort++ : address.port }
      if (servers.has(keyOf(bound))) return Promise.reject(new Error(`address in use: ${keyOf(bound)}`))
      servers.set(keyOf(bound), onLink)
      const close = async () => void servers.delete(keyOf(bound))
      return Promise.resolve({ address: bound, close })
    },
    dial(address): Link {
      const dialled = new MemoryLink(clock, keyOf(address))
      clock.setImmediate(() => {
        const onLink = servers.get(keyOf(address))
        if (onLink === undefined) return dialled.fail(new Error(`connection refused: ${keyOf(address)}`))
        const accepted = new MemoryLink(clock, 'memory')
        if (dialled.join(accepted)) onLink(accepted)
      })
      return dialled
    },
  }
}

const keyOf = (address: LinkAddress): string => `${address.host}:${address.port}`

class MemoryLink implements Link {
  readonly remoteAddress: string
  readonly isLoopback = true
  readonly #clock: Clock
  #handlers: LinkHandlers | undefined
  #peer: MemoryLink | undefined
  #inbox: Delivery[] = []
  #inboxBytes = 0
  #isPaused = false
  #isEnded = false
  #isClosed = false
  #isScheduled = false
  #isPeerBusy = false

  constructor(clock: Clock, remoteAddress: string) {
    this.#clock = clock
    this.remoteAddress = remoteAddress
  }

  /** Connects both; false when this one was closed before. */
  join(peer: MemoryLink): boolean {
    if (this.#isClosed) return false
    this.#peer = peer
    peer.#peer = this
    this.#clock.setImmediate(() => {
      if (!this.#isClosed) this.#handlers?.onOpen()
    })
    return true
  }

  attach(handlers: LinkHandlers): void {
    this.#handlers = handlers
    this.#schedule()
  }

  write(bytes: Uint8Array): boolean {
    const peer = this.#peer
    if (peer === undefined || this.#isEnded || this.#isClosed) return true
    // A copy, because the writer's buffer is its own again.
    peer.receive({ kind: 'chunk', chunk: bytes.slice() }, bytes.length)
    peer.#isPeerBusy ||= peer.#inboxBytes > windowBytes
    return !peer.#isPeerBusy
  }

  end(): void {
    if (this.#isEnded || this.#isClosed) return
    this.#isEnded = true
    this.#peer?.receive({ kind: 'end' }, 0)
  }

  destroy(): void {
    this.fail(undefined)
  }

  /** Closes this side, and the other one as a reset would. */
  fail(error: Error | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#inbox = []
    this.#clock.setImmediate(() => this.#handlers?.onClose(error))
    this.#peer?.closeByPeer()
  }

  /** Called by the peer, which has read all. */
  drained(): void {
    this.#handlers?.onDrain()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  /** After both ends it is a normal close, before that a reset; what has arrived is read first. */
  closeByPeer(): void {
    this.#clock.setImmediate(() => {
      if (this.#inbox.length > 0 && !this.#isPaused && !this.#isClosed) return this.closeByPeer()
      this.fail(this.#isEnded ? undefined : new Error('connection reset by peer'))
    })
  }

  /** Called by the peer. */
  receive(delivery: Delivery, bytes: number): void {
    if (this.#isClosed) return
    this.#inbox.push(delivery)
    this.#inboxBytes += bytes
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#handlers === undefined) return
    this.#isScheduled = true
    this.#clock.setImmediate(() => {
      this.#isScheduled = false
      this.#deliver()
    })
  }

  #deliver(): void {
    while (!this.#isPaused && !this.#isClosed) {
      const delivery = this.#inbox.shift()
      if (delivery === undefined) break
      if (delivery.kind === 'end') this.#handlers?.onEnd()
      else this.#takeChunk(delivery.chunk)
    }
    if (!this.#isPeerBusy || this.#inboxBytes > 0 || this.#isClosed) return
    this.#isPeerBusy = false
    this.#peer?.drained()
  }

  #takeChunk(chunk: Uint8Array): void {
    this.#inboxBytes -= chunk.length
    this.#handlers?.onChunk(chunk)
  }
}
