// The byte-level interface that a Conn runs on, with two implementations that pass one contract suite: TCP
// (listener.ts, dialer.ts) and memory (memory-links.ts). A link moves chunks and knows nothing of frames.

/** What a link reports. Each is called from the event loop, never inside a call to the link. */
export interface LinkHandlers {
  /** A dialled link is connected. Accepted links are connected from the start and do not call this. */
  onOpen(): void
  /** Bytes have come. They stay as they are for as long as somebody keeps them. */
  onChunk(chunk: Uint8Array): void
  /** All that was written has been handed over; after a `write` that returned false. */
  onDrain(): void
  /** The peer writes no more. Writing is still possible. */
  onEnd(): void
  /** Nothing follows this. Called once for every link, with the error if there was one. */
  onClose(error: Error | undefined): void
}

export interface Link {
  /** Who the peer is, for logs: `127.0.0.1:5000`. */
  readonly remoteAddress: string
  /** Both ends are on this machine. */
  readonly isLoopback: boolean
  /** Sets who is told. To be called once, in the turn in which the link was made. */
  attach(handlers: LinkHandlers): void
  /**
   * Hands bytes over. True: the buffer is the caller's again. False: it is the link's until `onDrain`, and
   * nothing may be written before that.
   */
  write(bytes: Uint8Array): boolean
  /** Half-close: what was written arrives, then the peer sees the end. */
  end(): void
  /** Closes at once; `onClose` follows. */
  destroy(): void
  pause(): void
  resume(): void
}

export interface LinkAddress {
  readonly host: string
  readonly port: number
}

/** A listening place. */
export interface LinkServer {
  readonly address: LinkAddress
  /** Accepts no more; links that were accepted go on. */
  close(): Promise<void>
}

/** Where links come from: injected, so that a net runs over sockets or in memory alike. */
export interface LinkFactory {
  /** Resolves when links are accepted. Rejects with what the system says, e.g. EADDRINUSE. */
  listen(address: LinkAddress, onLink: (link: Link) => void): Promise<LinkServer>
  /** A link that is connecting: `onOpen` or `onClose` follows. */
  dial(address: LinkAddress): Link
}

/** Addresses that only this machine reaches: 127.0.0.0/8, ::1, localhost, and no others. */
export function isLoopbackHost(host: string): boolean {
  const plain = host.toLowerCase().replace(/^::ffff:/, '')
  return plain === 'localhost' || plain === '::1' || /^127(\.\d{1,3}){3}$/.test(plain)
}
