// The handshakes of docs/wire-vectors.json, and both sides of a handshake for tests that make their own.
import { readFileSync } from 'node:fs'
import { Claim, encodePack, endId, FrameDecoder, type P2pPack } from '@p2pnet/wire'
import { DialerHandshake, type HandshakeSide, ListenerHandshake } from '../src/handshake.ts'
import { deriveKey } from '../src/proof.ts'

export interface HandshakeVector {
  readonly name: string
  readonly secret: string | null
  readonly K: string | null
  readonly T: string
  readonly frames: readonly { readonly from: string; readonly kind: string; readonly hex: string }[]
  readonly outcome: string
}

const file = new URL('../../../docs/wire-vectors.json', import.meta.url)
// The file's shape is tested where it is made.
export const { handshakes } = JSON.parse(readFileSync(file, 'utf8')) as { handshakes: HandshakeVector[] }

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

/** The pack of one whole frame. @throws WireError; Error when the frame is not whole */
export function packOf(frame: Uint8Array): P2pPack {
  const decoder = new FrameDecoder({ frameBytesMax: 4096 })
  decoder.push(frame)
  const pack = decoder.next()
  if (pack === undefined || decoder.next() !== undefined) throw new Error('not exactly one frame')
  return pack
}

/** As it comes out of the other end of a wire. */
export const sent = (pack: P2pPack): P2pPack => packOf(encodePack(pack))

export const limits = { frameBytesMax: 1024 * 1024, deadAfterMs: 13_000, asksMax: 10_000 }
export const dialerEnd = endId(1, 1)
export const listenerEnd = endId(2, 1)
export const testKey = deriveKey('correct horse battery staple')

export function sideOf(instance: number, given: Partial<HandshakeSide> = {}): HandshakeSide {
  return {
    linkClass: 'node',
    instance: new Uint8Array(16).fill(instance),
    key: testKey,
    isLoopback: true,
    ...given,
  }
}

export const newDialer = (given: Partial<HandshakeSide> = {}): DialerHandshake =>
  new DialerHandshake(sideOf(1, given), { claim: Claim.exact, end: dialerEnd, lastEpoch: 0 })

export const newListener = (given: Partial<HandshakeSide> = {}): ListenerHandshake =>
  new ListenerHandshake(sideOf(2, given), { end: listenerEnd, limits })
