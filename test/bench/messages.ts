// The two payloads: how a client makes them, and how both sides check what came. A message has an id, 0 for a
// tell, and a sequence. Every system carries the same values, and every handler is `MessageSink.take`.
import type { Payload } from './cells.ts'

/** The object payload. */
export interface Movement {
  readonly id: number
  readonly seq: number
  readonly x: number
  readonly y: number
  readonly name: string
}

export type Message = Movement | Uint8Array

const binaryBytes = 32
const template = Buffer.alloc(binaryBytes, 0x2a)
const names = Array.from({ length: 64 }, (_, index) => `robot-${index}`)

export function makeMessage(payload: Payload, id: number, seq: number): Message {
  if (payload === 'object') {
    const name = names[seq & 63] ?? ''
    return { id, seq, x: (seq % 8_192) / 8, y: (seq % 1_024) * 0.375, name }
  }
  const bytes = Buffer.from(template)
  putUint32(bytes, 0, id)
  putUint32(bytes, 4, seq)
  return bytes
}

/** The message in a value that came over a socket, or undefined if it is none. */
export function asMessage(value: unknown): Message | undefined {
  if (value instanceof Uint8Array) return value.length === binaryBytes ? value : undefined
  if (typeof value !== 'object' || value === null || !('id' in value && 'seq' in value)) return undefined
  return value as Movement // Made by the bench's other process; the name and the numbers are checked by `isReply`.
}

export const idOf = (message: Message): number =>
  message instanceof Uint8Array ? uint32At(message, 0) : message.id

export const seqOf = (message: Message): number =>
  message instanceof Uint8Array ? uint32At(message, 4) : message.seq

/** Whether a reply is the echo of what was asked. */
export function isReply(value: unknown, seq: number): boolean {
  const message = asMessage(value)
  if (message === undefined || seqOf(message) !== seq) return false
  return message instanceof Uint8Array
    ? message[binaryBytes - 1] === 0x2a
    : message.name === names[seq & 63] && message.x === (seq % 8_192) / 8
}

/** The receiver: counts what came and echoes it, which is the reply if it was an ask. */
export class MessageSink {
  asked = 0
  told = 0
  /** Tells that are none, or came twice, out of order or after a lost one. */
  faults = 0

  readonly take = (value: unknown): unknown => {
    const message = asMessage(value)
    if (message === undefined) this.faults++
    else if (idOf(message) !== 0) this.asked++
    else if (seqOf(message) !== ++this.told) this.faults++
    return value
  }

  reset(): void {
    this.asked = 0
    this.told = 0
    this.faults = 0
  }
}

function putUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export const uint32At = (bytes: Uint8Array, at: number): number =>
  (byteAt(bytes, at) * 0x1000000 +
    ((byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3))) >>>
  0

/** For indexes that are known to be within the bytes. */
const byteAt = (bytes: Uint8Array, at: number): number => bytes[at] as number
