// Packs for the tests, and streams of frames read back as packs.
import { controlPack, FrameDecoder, Kind, type P2pPack } from '@p2pnet/wire'
import { numbered } from './link-end.ts'

const header = 24
const noBytes = new Uint8Array(0)

/** A pack whose frame, length field included, has so many bytes; its call sequence is `no`. */
export function packOf(kind: Kind, no: number, frameBytes = header): P2pPack {
  const pack = controlPack(kind, numbered(frameBytes - header, no))
  pack.callSeq = no
  return pack
}

export const tell = (no: number, frameBytes?: number): P2pPack => packOf(Kind.tell, no, frameBytes)
export const ask = (no: number, frameBytes?: number): P2pPack => packOf(Kind.ask, no, frameBytes)
export const reply = (no: number, frameBytes?: number): P2pPack => packOf(Kind.reply, no, frameBytes)
export const control = (kind: Kind): P2pPack => controlPack(kind, noBytes)

/** What tells packs of `packOf` apart: kind, number, and whether the payload is whole. */
export function factOf(pack: P2pPack): string {
  const isWhole = numbered(pack.size, pack.callSeq).equals(pack.payload)
  return `${nameOf(pack.kind)} ${pack.callSeq} ${pack.size}${isWhole ? '' : ' broken'}`
}

export const factsOf = (packs: readonly P2pPack[]): string[] => packs.map(factOf)

/** All packs of a stream. Throws when the stream ends within a frame. */
export function decodeAll(chunks: readonly Uint8Array[], frameBytesMax = 0xffffff): P2pPack[] {
  const decoder = new FrameDecoder({ frameBytesMax })
  const packs: P2pPack[] = []
  for (const chunk of chunks) {
    decoder.push(chunk)
    for (let pack = decoder.next(); pack !== undefined; pack = decoder.next()) {
      pack.detach()
      packs.push(pack)
    }
  }
  if (decoder.unfinishedBytes > 0) throw new Error(`${decoder.unfinishedBytes} bytes are left of a frame`)
  return packs
}

const nameOf = (kind: Kind): string =>
  Object.entries(Kind).find(([, value]) => value === kind)?.[0] ?? `kind ${kind}`
