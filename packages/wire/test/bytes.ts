// Bytes for the tests: hex in and out, cutting, and a whole stream through a decoder.
import { FrameDecoder } from '../src/frame-decoder.ts'
import type { P2pPack } from '../src/p2p-pack.ts'

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Bytes of hex; blanks are for readers. Never a view of a pool. */
export const unhex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

export const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts))

export function repeat(bytes: Uint8Array, times: number): Uint8Array {
  const whole = new Uint8Array(bytes.length * times)
  for (let at = 0; at < whole.length; at += bytes.length) whole.set(bytes, at)
  return whole
}

export const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The bytes in chunks of what `size` says, each with memory of its own, as a socket gives them. */
export function* chunksOf(bytes: Uint8Array, size: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const to = Math.min(bytes.length, at + size())
    yield bytes.slice(at, to)
    at = to
  }
}

/** Every pack of a chunk, detached. */
export function takeAll(decoder: FrameDecoder, chunk: Uint8Array): P2pPack[] {
  const packs: P2pPack[] = []
  decoder.push(chunk)
  for (let pack = decoder.next(); pack !== undefined; pack = decoder.next()) packs.push(pack)
  return packs
}

export function decodeChunks(chunks: Iterable<Uint8Array>, frameBytesMax = 1 << 20): P2pPack[] {
  const decoder = new FrameDecoder({ frameBytesMax })
  return [...chunks].flatMap((chunk) => takeAll(decoder, chunk))
}

/** The only pack of a frame. */
export function decodeOne(frame: Uint8Array): P2pPack {
  const [pack] = decodeChunks([frame])
  if (pack === undefined) throw new Error('not a whole frame')
  return pack
}

/** What a call throws, to be looked at. */
export function thrownBy(call: () => unknown): unknown {
  try {
    call()
  } catch (error) {
    return error
  }
  return undefined
}
