// The messages that wait for one actor: a ring that grows, bounded in messages and in bytes. Owned by its cell,
// and kept over restarts.
import type { Message } from './message.ts'
import type { MailboxLimits } from './options.ts'

const capacityMin = 16

export class Mailbox {
  readonly #limits: MailboxLimits
  #ring: (Message | undefined)[] = []
  #head = 0
  #size = 0
  #bytes = 0

  constructor(limits: MailboxLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#size
  }

  get bytes(): number {
    return this.#bytes
  }

  /** False when it is full; the message is then the caller's to answer for. */
  push(message: Message): boolean {
    const bytes = message.bytes
    if (this.#size >= this.#limits.messagesMax || this.#bytes + bytes > this.#limits.bytesMax) return false
    if (this.#size === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = message
    message.isQueued = true
    this.#size++
    this.#bytes += bytes
    return true
  }

  shift(): Message | undefined {
    if (this.#size === 0) return undefined
    const message = this.#ring[this.#head]
    this.#ring[this.#head] = undefined
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#size--
    if (message !== undefined) {
      message.isQueued = false
      this.#bytes -= message.bytes
    }
    // An actor that is idle after a burst gives the memory back.
    if (this.#size === 0 && this.#ring.length > capacityMin) this.#ring = []
    if (this.#size === 0) this.#head = 0
    return message
  }

  #grow(): void {
    const ring = new Array<Message | undefined>(Math.max(capacityMin, this.#ring.length * 2))
    for (let index = 0; index < this.#size; index++) {
      ring[index] = this.#ring[(this.#head + index) & (this.#ring.length - 1)]
    }
    this.#ring = ring
    this.#head = 0
  }
}
