// A pack: one frame with its header read and its payload left as bytes. Made by the decoder from a chunk, or by
// a sender; routed by its header alone. The payload is a view of the chunk: whoever keeps it calls `detach`.
import { copyBytes } from './byte-cursor.ts'
import type { Kind } from './constants.ts'
import { type EndId, endOf, noEnd, type P2pEnd } from './end.ts'

const noBytes = new Uint8Array(0)

/** The optional header fields that few packs carry. */
export interface PackFields {
  /** Epoch of the route that the sender believes in, u48. */
  readonly epoch?: number
  /** One of many behind an end, u32 each; 0 is none. */
  readonly sub?: { readonly source: number; readonly destination: number }
  /** W3C trace context of version 00: trace id (16 bytes), parent id (8), trace flags (1). */
  readonly trace?: Uint8Array
  /** Fields that only a newer peer knows, kept so that they are forwarded untouched. */
  readonly unknown?: Uint8Array
}

/** The general packet. (Seed: P2pPack, `SrcEnd, SrcNo, DstEnd, DstNo, Payload`.) */
export class P2pPack {
  kind: Kind
  /** Header flags as received; a sender's flags for fields are set by the encoder. */
  flags = 0
  hops = 0
  source: EndId = noEnd
  destination: EndId = noEnd
  /** Call id of ask, reply, fail and cancel: the asker's instance tag and a sequence, u32 each. */
  callTag = 0
  callSeq = 0
  /** Time left for an ask, ms; undefined without the deadline flag. */
  deadlineMs: number | undefined = undefined
  fields: PackFields | undefined = undefined
  /** The payload is `bytes[start, end)`. */
  bytes: Uint8Array = noBytes
  start = 0
  end = 0

  constructor(kind: Kind) {
    this.kind = kind
  }

  /** Bytes of the payload. */
  get size(): number {
    return this.end - this.start
  }

  /** The payload as a view: valid until the next chunk, unless detached. */
  get payload(): Uint8Array {
    return this.bytes.subarray(this.start, this.end)
  }

  set payload(payload: Uint8Array) {
    this.bytes = payload
    this.start = 0
    this.end = payload.length
  }

  get sourceEnd(): P2pEnd {
    return endOf(this.source)
  }

  get destinationEnd(): P2pEnd {
    return endOf(this.destination)
  }

  /** Gives the pack bytes of its own, so that keeping it does not keep a whole chunk alive. */
  detach(): void {
    this.payload = copyBytes(this.bytes, this.start, this.end)
  }
}
