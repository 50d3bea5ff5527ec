// A message on its way into a mailbox, and the ask it may be. A message that came over a conn keeps its payload as
// bytes until its behaviour runs; a local one is the sender's own value.
import { type EndId, endOf, type P2pEnd, type P2pPack } from '@p2pnet/wire'

/** What a message counts for in a mailbox besides its payload. */
const overheadBytes = 96

export class Message {
  readonly from: EndId
  readonly ask: OpenAsk | undefined
  /** The undecoded payload of a message from another node. */
  readonly pack: P2pPack | undefined
  /** A local message: passed by reference, not to be changed after sending. */
  value: unknown = undefined
  /** It waits in a mailbox. */
  isQueued = false

  private constructor(from: EndId, ask: OpenAsk | undefined, pack: P2pPack | undefined) {
    this.from = from
    this.ask = ask
    this.pack = pack
  }

  static local(from: EndId, value: unknown, ask?: OpenAsk): Message {
    const message = new Message(from, ask, undefined)
    message.value = value
    return message
  }

  static remote(pack: P2pPack, ask?: OpenAsk): Message {
    return new Message(pack.source, ask, pack)
  }

  get bytes(): number {
    return this.pack === undefined ? overheadBytes : overheadBytes + this.pack.size
  }
}

/** Names one open ask as plain data: it may be kept in a machine's context and answered later. */
export interface AskTicket {
  /** The end that was asked. */
  readonly end: P2pEnd
  /** The node instance that the ask is open on. */
  readonly tag: number
  readonly ask: number
}

export interface OpenAskSetup {
  readonly from: EndId
  readonly asked: EndId
  readonly callTag: number
  readonly callSeq: number
  /** On the monotonic clock, ms. */
  readonly deadlineAt: number
}

/** An ask that has reached its node and is not answered yet. Ends once. */
export class OpenAsk {
  readonly from: EndId
  readonly asked: EndId
  readonly callTag: number
  readonly callSeq: number
  readonly deadlineAt: number
  /** Set by the cell when somebody may answer later. */
  id = 0
  isSettled = false
  #abort: AbortController | undefined

  constructor(setup: OpenAskSetup) {
    this.from = setup.from
    this.asked = setup.asked
    this.callTag = setup.callTag
    this.callSeq = setup.callSeq
    this.deadlineAt = setup.deadlineAt
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      // First looked at when nobody waits any more.
      if (this.isSettled) this.#abort.abort()
    }
    return this.#abort.signal
  }

  /** Tells whoever works on it that nobody waits any more. */
  abort(): void {
    this.#abort?.abort()
  }

  ticket(tag: number): AskTicket {
    return { end: endOf(this.asked), tag, ask: this.id }
  }
}
