// Links inside one process, with the manners of TCP: bytes arrive later and in order, a slow reader makes the
// writer busy, ends are half-closes. For tests and simulations; every delivery goes through the clock.
import { type Clock, systemClock } from '@p2pnet/wire'
import type { Link, LinkAddress, LinkFactory, LinkHandlers, LinkServer } from './link.ts'

/** Bytes under way before a writer is told to wait. */
const windowBytes = 64 * 1024

type Delivery = { readonly kind: 'chunk'; readonly chunk: Uint8Array } | { readonly kind: 'end' }

/** A closed world of links: what one `listen`s, the same factory can `dial`. */
export function createMemoryLinks(clock: Clock = systemClock): LinkFactory {
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
  #hasPeerEnded = false
  #isPeerGone = false
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
    // A copy, because the writer's buffer is its own again; `slice` would not copy a Node Buffer.
    peer.receive({ kind: 'chunk', chunk: new Uint8Array(bytes) }, bytes.length)
    peer.#isPeerBusy ||= peer.#inboxBytes > windowBytes
    return !peer.#isPeerBusy
  }

  end(): void {
    if (this.#isEnded || this.#isClosed) return
    this.#isEnded = true
    this.#peer?.receive({ kind: 'end' }, 0)
    this.#schedule()
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
    if (!this.#isClosed) this.#handlers?.onDrain()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
    this.#schedule()
  }

  /** Called by the peer, which is closed. What has arrived is read first, so a paused link sees it later. */
  closeByPeer(): void {
    this.#isPeerGone = true
    this.#schedule()
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
      if (delivery.kind === 'end') this.#takeEnd()
      else this.#takeChunk(delivery.chunk)
    }
    if (this.#isClosed || this.#inboxBytes > 0) return
    if (this.#isPeerBusy) {
      this.#isPeerBusy = false
      this.#peer?.drained()
    }
    if (!this.#isPaused) this.#closeIfOver()
  }

  /** After both ends it is a normal close, before that a reset. */
  #closeIfOver(): void {
    if (this.#isEnded && this.#hasPeerEnded) this.fail(undefined)
    else if (this.#isPeerGone) this.fail(new Error('connection reset by peer'))
  }

  #takeEnd(): void {
    this.#hasPeerEnded = true
    this.#handlers?.onEnd()
  }

  #takeChunk(chunk: Uint8Array): void {
    this.#inboxBytes -= chunk.length
    this.#handlers?.onChunk(chunk)
  }
}
