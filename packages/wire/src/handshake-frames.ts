// The payloads of the five handshake frames, read and written. What they mean and who may send them is the
// net's `handshake.ts`; the proofs are made there, here they are bytes. docs/wire.md, Registering.
import { ByteReader, ByteWriter } from './byte-cursor.ts'
import { Claim, CloseReason, Handshake, Kind, LinkClass } from './constants.ts'
import type { EndId } from './end.ts'
import { WireError } from './errors.ts'
import { P2pPack } from './p2p-pack.ts'

/** What a dialer says first. */
export interface Hello {
  readonly versionMin: number
  readonly versionMax: number
  readonly linkClass: LinkClass
  /** Bits of `Algorithm`. */
  readonly algorithms: number
  readonly features: number
  readonly claim: Claim
  /** The end it is; with `Claim.anyNumber` only the type counts. */
  readonly end: EndId
  /** The epoch it was last registered with, 0 at first. */
  readonly lastEpoch: number
  /** 16 random bytes per process. */
  readonly instance: Uint8Array
  readonly nonce: Uint8Array
}

/** Limits that a listener tells its dialer, so that it need not find them out. */
export interface AnnouncedLimits {
  readonly frameBytesMax: number
  readonly deadAfterMs: number
  readonly asksMax: number
}

/** What a listener answers. */
export interface Challenge {
  readonly version: number
  readonly algorithm: number
  readonly features: number
  readonly end: EndId
  readonly instance: Uint8Array
  readonly nonce: Uint8Array
  readonly limits: AnnouncedLimits
}

/** What a listener ends the handshake with. */
export interface Registered {
  /** The end that the dialer has from now on. */
  readonly end: EndId
  /** The epoch of its route, u48. */
  readonly epoch: number
  /** Empty without a secret. */
  readonly proof: Uint8Array
}

export function helloPack(hello: Hello): P2pPack {
  const payload = new ByteWriter()
    .uint(Handshake.greeting, 4)
    .uint(hello.versionMin, 1)
    .uint(hello.versionMax, 1)
    .uint(LinkClass[hello.linkClass], 1)
    .uint(hello.algorithms, 1)
    .uint(hello.features, 4)
    .uint(hello.claim, 1)
    .end(hello.end)
    .uint(hello.lastEpoch, 6)
    .bytes(hello.instance)
    .bytes(hello.nonce)
  return controlPack(Kind.hello, payload.done())
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readHello(pack: P2pPack): Hello {
  const reader = new ByteReader(pack.payload)
  if (reader.uint(4) !== Handshake.greeting) throw badFrame('hello does not begin with P2PN')
  return {
    versionMin: reader.uint(1),
    versionMax: reader.uint(1),
    linkClass: readLinkClass(reader.uint(1)),
    algorithms: reader.uint(1),
    features: reader.uint(4),
    claim: readClaim(reader.uint(1)),
    end: reader.end(),
    lastEpoch: reader.uint(6),
    instance: reader.bytes(Handshake.instanceBytes),
    nonce: reader.bytes(Handshake.nonceBytes),
  }
}

export function challengePack(challenge: Challenge): P2pPack {
  const payload = new ByteWriter()
    .uint(challenge.version, 1)
    .uint(challenge.algorithm, 1)
    .uint(challenge.features, 4)
    .end(challenge.end)
    .bytes(challenge.instance)
    .bytes(challenge.nonce)
    .uint(challenge.limits.frameBytesMax, 4)
    .uint(challenge.limits.deadAfterMs, 4)
    .uint(challenge.limits.asksMax, 4)
  return controlPack(Kind.challenge, payload.done())
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readChallenge(pack: P2pPack): Challenge {
  const reader = new ByteReader(pack.payload)
  return {
    version: reader.uint(1),
    algorithm: reader.uint(1),
    features: reader.uint(4),
    end: reader.end(),
    instance: reader.bytes(Handshake.instanceBytes),
    nonce: reader.bytes(Handshake.nonceBytes),
    limits: { frameBytesMax: reader.uint(4), deadAfterMs: reader.uint(4), asksMax: reader.uint(4) },
  }
}

/** `proof` is empty without a secret. */
export const provePack = (proof: Uint8Array): P2pPack => controlPack(Kind.prove, proof)

/** The part of `registered` that its own proof covers. */
export const registeredFields = ({ end, epoch }: Pick<Registered, 'end' | 'epoch'>): Uint8Array =>
  new ByteWriter().end(end).uint(epoch, 6).done()

export function registeredPack(registered: Registered): P2pPack {
  const payload = new ByteWriter().bytes(registeredFields(registered)).bytes(registered.proof)
  return controlPack(Kind.registered, payload.done())
}

/** @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readRegistered(pack: P2pPack): Registered {
  const reader = new ByteReader(pack.payload)
  return { end: reader.end(), epoch: reader.uint(6), proof: reader.bytes(reader.left) }
}

/** The payload of `bye` and of `rejected`: a reason code. */
export const reasonPack = (kind: typeof Kind.bye | typeof Kind.rejected, reason: CloseReason): P2pPack =>
  controlPack(kind, new ByteWriter().uint(CloseReason[reason], 2).done())

/** A reason that we do not know, from a newer peer, reads as `normal`. @throws WireError `ERR_WIRE_BAD_FRAME` */
export function readReason(pack: P2pPack): CloseReason {
  const code = new ByteReader(pack.payload).uint(2)
  return reasonByCode.get(code) ?? 'normal'
}

// Object.entries forgets that the keys are the names.
const reasonByCode = new Map(
  Object.entries(CloseReason).map(([name, code]) => [code as number, name as CloseReason]),
)

export function controlPack(kind: Kind, payload: Uint8Array): P2pPack {
  const pack = new P2pPack(kind)
  pack.payload = payload
  return pack
}

function readLinkClass(code: number): LinkClass {
  if (code === LinkClass.node) return 'node'
  if (code === LinkClass.client) return 'client'
  throw badFrame(`link class ${code} is unknown`)
}

function readClaim(code: number): Claim {
  if (code === Claim.exact || code === Claim.anyNumber) return code
  throw badFrame(`claim ${code} is unknown`)
}

const badFrame = (message: string): WireError => new WireError('ERR_WIRE_BAD_FRAME', message)
