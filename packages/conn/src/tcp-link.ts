// A link over one TCP socket. The only owner of the socket: nobody else listens to it or writes to it.
import type { Socket } from 'node:net'
import { isLoopbackHost, type Link, type LinkHandlers } from './link.ts'

export class TcpLink implements Link {
  readonly #socket: Socket
  #handlers: LinkHandlers | undefined
  readonly #dialled: string
  #isBusy = false
  #error: Error | undefined
  #remoteAddress: string | undefined

  /** `dialled` names the peer until the socket knows it. */
  constructor(socket: Socket, dialled = 'not connected') {
    this.#socket = socket
    this.#dialled = dialled
    socket.setNoDelay(true)
  }

  get remoteAddress(): string {
    // Kept, because a closed socket no longer knows it.
    this.#remoteAddress ??= this.#readRemoteAddress()
    return this.#remoteAddress ?? this.#dialled
  }

  get isLoopback(): boolean {
    return isLoopbackHost(this.#socket.remoteAddress ?? '') && isLoopbackHost(this.#socket.localAddress ?? '')
  }

  attach(handlers: LinkHandlers): void {
    this.#handlers = handlers
    const socket = this.#socket
    this.#remoteAddress = this.#readRemoteAddress()
    socket.on('connect', () => {
      this.#remoteAddress = this.#readRemoteAddress()
      handlers.onOpen()
    })
    socket.on('data', (chunk: Uint8Array) => handlers.onChunk(chunk))
    socket.on('end', () => handlers.onEnd())
    socket.on('error', (error: Error) => {
      this.#error = error
    })
    socket.on('close', () => handlers.onClose(this.#error))
  }

  write(bytes: Uint8Array): boolean {
    if (!this.#socket.writable) return true
    this.#socket.write(bytes, this.#onWritten)
    this.#isBusy = this.#socket.writableLength > 0
    return !this.#isBusy
  }

  end(): void {
    if (this.#socket.writable) this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  readonly #onWritten = (): void => {
    if (!this.#isBusy || this.#socket.writableLength > 0 || this.#socket.destroyed) return
    this.#isBusy = false
    this.#handlers?.onDrain()
  }

  #readRemoteAddress(): string | undefined {
    const { remoteAddress, remotePort } = this.#socket
    return remoteAddress === undefined ? undefined : `${remoteAddress}:${remotePort}`
  }
}
