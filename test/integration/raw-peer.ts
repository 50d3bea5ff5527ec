// A peer in the hands of a test: a bare socket and the wire's codecs, which says whatever the test wants it to.
import { createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import {
  Algorithm,
  Claim,
  controlPack,
  type EndId,
  encodePack,
  endId,
  FrameDecoder,
  type Hello,
  helloPack,
  Kind,
  noEnd,
  P2pPack,
  provePack,
  putPayload,
  readReason,
  readRegistered,
} from '@p2pnet/wire'
import type { LinkAddress } from 'p2pnet'
import { onTestFinished } from 'vitest'

const noBytes = new Uint8Array(0)
const frameBytesMax = 0xffffff

/** The proof of `docs/wire.md`, in its own words. */
export function proofOf(secret: string, label: number, ...said: readonly Uint8Array[]): Uint8Array {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'p2pnet/1', 32))
  return createHmac('sha256', key).update(Uint8Array.of(label)).update(Buffer.concat(said)).digest()
}

export const transcriptOf = (hello: Uint8Array, challenge: Uint8Array): Uint8Array =>
  createHash('sha256').update(hello).update(challenge).digest()

export interface Identity extends Partial<Hello> {
  readonly secret?: string
}

export class RawPeer {
  readonly socket: Socket
  readonly closed: Promise<void>
  /** All that came, control frames too. */
  readonly packs: P2pPack[] = []
  readonly #decoder = new FrameDecoder({ frameBytesMax })
  #taken = 0
  #onPack: () => void = () => {}
  #isClosed = false

  constructor(socket: Socket) {
    this.socket = socket
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true
        this.#onPack()
        resolve()
      })
    })
    socket.on('error', () => {})
    socket.on('data', (chunk) => this.#onChunk(chunk))
    onTestFinished(() => void socket.destroy())
  }

  /** With `lingers` it never closes its half. */
  static async connect({ host, port }: LinkAddress, lingers = false): Promise<RawPeer> {
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: lingers })
    const peer = new RawPeer(socket)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return peer
  }

  /** What is sent: a pack, or any bytes. Returns the bytes. */
  send(what: P2pPack | Uint8Array): Uint8Array {
    const bytes = what instanceof P2pPack ? encodePack(what) : what
    this.socket.write(bytes)
    return bytes
  }

  /** The next pack of this kind; other kinds before it are passed over. */
  async next(kind?: Kind): Promise<P2pPack> {
    for (;;) {
      const pack = this.packs[this.#taken]
      if (pack !== undefined) this.#taken++
      if (pack !== undefined && (kind === undefined || pack.kind === kind)) return pack
      if (pack !== undefined) continue
      if (this.#isClosed) throw new Error(`closed without ${kind ?? 'a pack'}`)
      await new Promise<void>((resolve) => {
        this.#onPack = resolve
      })
    }
  }

  /** The reason with which the other side ends this conn, and whether it said `bye` or `rejected`. */
  async ending(): Promise<string> {
    await this.closed
    const last = this.packs.findLast((pack) => pack.kind === Kind.bye || pack.kind === Kind.rejected)
    if (last === undefined) return 'without a word'
    return `${last.kind === Kind.bye ? 'bye' : 'rejected'} ${readReason(last)}`
  }

  /** Registers, as a client or a node. Returns the end it has, and all frames that were said. */
  async register(identity: Identity = {}): Promise<{ readonly end: EndId; readonly frames: Uint8Array[] }> {
    const hello = this.send(helloOf(identity))
    const challenge = encodePack(await this.next(Kind.challenge))
    const transcript = transcriptOf(hello, challenge)
    const { secret } = identity
    const prove = this.send(provePack(secret === undefined ? noBytes : proofOf(secret, 1, transcript)))
    const registered = await this.next(Kind.registered)
    return { end: readRegistered(registered).end, frames: [hello, challenge, prove, encodePack(registered)] }
  }

  #onChunk(chunk: Uint8Array): void {
    this.#decoder.push(chunk)
    for (let pack = this.#decoder.next(); pack !== undefined; pack = this.#decoder.next()) {
      pack.detach()
      this.packs.push(pack)
    }
    this.#onPack()
  }
}

/** A hello of a node without a secret, unless it says otherwise. */
export const helloOf = ({ secret, ...given }: Identity = {}): P2pPack =>
  helloPack({
    versionMin: 1,
    versionMax: 1,
    linkClass: 'node',
    algorithms: secret === undefined ? Algorithm.none : Algorithm.hmacSha256,
    features: 0,
    claim: Claim.exact,
    end: endId(9, 9),
    lastEpoch: 0,
    instance: randomBytes(16),
    nonce: randomBytes(32),
    ...given,
  })

export interface DataGiven {
  readonly source?: EndId
  readonly callTag?: number
  readonly callSeq?: number
  readonly value?: unknown
}

/** A tell, ask, reply, fail or cancel. */
export function dataPack(kind: Kind, destination: EndId, given: DataGiven = {}): P2pPack {
  const pack = new P2pPack(kind)
  pack.source = given.source ?? noEnd
  pack.destination = destination
  pack.callTag = given.callTag ?? 0
  pack.callSeq = given.callSeq ?? 0
  if (kind === Kind.ask) pack.deadlineMs = 5_000
  putPayload(pack, given.value)
  return pack
}

export const control = (kind: Kind, payload: Uint8Array = noBytes): P2pPack => controlPack(kind, payload)

/** A listener in the hands of a test; resolves each time with the peer that has dialled it. */
export async function listenRaw(): Promise<{ readonly address: LinkAddress; accept(): Promise<RawPeer> }> {
  const peers: RawPeer[] = []
  let onPeer = (): void => {}
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    peers.push(new RawPeer(socket))
    onPeer()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const bound = server.address()
  if (typeof bound !== 'object' || bound === null) throw new Error('no port')
  const accept = async (): Promise<RawPeer> => {
    for (let peer = peers.shift(); ; peer = peers.shift()) {
      if (peer !== undefined) return peer
      await new Promise<void>((resolve) => {
        onPeer = resolve
      })
    }
  }
  return { address: { host: bound.address, port: bound.port }, accept }
}
