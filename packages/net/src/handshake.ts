// Registering, as two small objects that take frames and give frames: one for each side of a conn. They decide and
// verify; the registrar sends, closes and opens. docs/wire.md, Registering.
import { randomBytes } from 'node:crypto'
import { ViolationError } from '@p2pnet/conn'
import {
  Algorithm,
  type AnnouncedLimits,
  type Challenge,
  type Claim,
  challengePack,
  type EndId,
  encodePack,
  Frame,
  Handshake,
  type Hello,
  helloPack,
  type LinkClass,
  type P2pPack,
  provePack,
  type Registered,
  readChallenge,
  readHello,
  readRegistered,
  registeredFields,
  registeredPack,
} from '@p2pnet/wire'
import { isSameProof, proveProof, registeredProof, transcriptOf } from './proof.ts'

/** What both sides bring. */
export interface HandshakeSide {
  readonly linkClass: LinkClass
  /** 16 random bytes per process. */
  readonly instance: Uint8Array
  /** From the secret; undefined without one, which is legal on loopback alone. */
  readonly key: Uint8Array | undefined
  readonly isLoopback: boolean
}

/** What a dialer wants to be. */
export interface DialerClaim {
  readonly claim: Claim
  readonly end: EndId
  readonly lastEpoch: number
}

/** The dialer's half: hello, then prove, then the listener's proof is verified. */
export class DialerHandshake {
  readonly helloFrame: P2pPack
  readonly #side: HandshakeSide
  #challenge: Challenge | undefined
  #transcript: Uint8Array | undefined
  #prove: P2pPack | undefined

  constructor(side: HandshakeSide, claim: DialerClaim) {
    this.#side = side
    this.helloFrame = helloPack({
      ...claim,
      linkClass: side.linkClass,
      instance: side.instance,
      versionMin: Frame.version,
      versionMax: Frame.version,
      algorithms: side.key === undefined ? Algorithm.none : Algorithm.hmacSha256,
      features: 0,
      nonce: randomBytes(Handshake.nonceBytes),
    })
  }

  /** What the listener said of itself; known after `onChallenge`. */
  get challenge(): Challenge {
    if (this.#challenge === undefined) throw new Error('there was no challenge yet')
    return this.#challenge
  }

  /** Takes the challenge, gives prove. @throws ViolationError, WireError */
  onChallenge(pack: P2pPack): P2pPack {
    const { key, instance, isLoopback } = this.#side
    const challenge = readChallenge(pack)
    if (challenge.version !== Frame.version)
      throw new ViolationError('no_common_version', 'version 1 was not chosen')
    if (sameBytes(challenge.instance, instance)) throw selfDialled()
    requireAlgorithm(challenge.algorithm, key, isLoopback)
    this.#challenge = challenge
    this.#transcript = transcriptOf(encodePack(this.helloFrame), encodePack(pack))
    this.#prove = provePack(key === undefined ? new Uint8Array(0) : proveProof(key, this.#transcript))
    return this.#prove
  }

  /** Takes and verifies registered. @throws ViolationError `bad_proof`, WireError */
  onRegistered(pack: P2pPack): Registered {
    const registered = readRegistered(pack)
    const { key } = this.#side
    const transcript = this.#transcript
    const prove = this.#prove
    if (transcript === undefined || prove === undefined)
      throw new Error('registered came before the challenge')
    const claim = { proveFrame: encodePack(prove), fields: registeredFields(registered) }
    const expected = key === undefined ? new Uint8Array(0) : registeredProof(key, transcript, claim)
    if (isSameProof(registered.proof, expected)) return registered
    throw new ViolationError('bad_proof', 'the listener does not know the secret')
  }
}

/** What a listener says of itself. */
export interface ListenerClaim {
  readonly end: EndId
  readonly limits: AnnouncedLimits
}

/** The listener's half: challenge, then the dialer's proof is judged, then registered. */
export class ListenerHandshake {
  readonly #side: HandshakeSide
  readonly #claim: ListenerClaim
  #hello: Hello | undefined
  #transcript: Uint8Array | undefined
  #proveFrame: Uint8Array | undefined

  constructor(side: HandshakeSide, claim: ListenerClaim) {
    this.#side = side
    this.#claim = claim
  }

  /** What the dialer said of itself; known after `onHello`. */
  get hello(): Hello {
    if (this.#hello === undefined) throw new Error('there was no hello yet')
    return this.#hello
  }

  /** Takes hello, gives the challenge. @throws ViolationError, WireError */
  onHello(pack: P2pPack): P2pPack {
    const { key, instance, isLoopback, linkClass } = this.#side
    const hello = readHello(pack)
    if (hello.versionMin > Frame.version || hello.versionMax < Frame.version) {
      throw new ViolationError('no_common_version', `version ${Frame.version} is not in the offered range`)
    }
    if (hello.linkClass !== linkClass)
      throw new ViolationError('class_mismatch', `this port takes ${linkClass} links`)
    if (sameBytes(hello.instance, instance)) throw selfDialled()
    const algorithm = key === undefined ? Algorithm.none : Algorithm.hmacSha256
    if ((hello.algorithms & algorithm) === 0) {
      throw new ViolationError('algorithm_refused', 'one side has a secret and the other one has none')
    }
    requireAlgorithm(algorithm, key, isLoopback)
    const nonce = randomBytes(Handshake.nonceBytes)
    const challenge = challengePack({
      ...this.#claim,
      version: Frame.version,
      algorithm,
      features: 0,
      instance,
      nonce,
    })
    this.#hello = hello
    this.#transcript = transcriptOf(encodePack(pack), encodePack(challenge))
    return challenge
  }

  /** Judges the dialer's proof. @throws ViolationError `bad_proof` */
  onProve(pack: P2pPack): void {
    const { key } = this.#side
    if (this.#transcript === undefined) throw new Error('prove came before hello')
    const expected = key === undefined ? new Uint8Array(0) : proveProof(key, this.#transcript)
    if (!isSameProof(pack.payload, expected))
      throw new ViolationError('bad_proof', 'the dialer does not know the secret')
    this.#proveFrame = encodePack(pack)
  }

  /** The last frame: the end the dialer now has, and our own proof. */
  registered(end: EndId, epoch: number): P2pPack {
    const { key } = this.#side
    const transcript = this.#transcript
    const proveFrame = this.#proveFrame
    if (transcript === undefined || proveFrame === undefined) throw new Error('nothing was proven yet')
    const claim = { proveFrame, fields: registeredFields({ end, epoch }) }
    const proof = key === undefined ? new Uint8Array(0) : registeredProof(key, transcript, claim)
    return registeredPack({ end, epoch, proof })
  }
}

/** No algorithm is legal only where neither side has a secret and both addresses are loopback. */
function requireAlgorithm(algorithm: number, key: Uint8Array | undefined, isLoopback: boolean): void {
  const isLegal =
    key === undefined ? algorithm === Algorithm.none && isLoopback : algorithm === Algorithm.hmacSha256
  if (!isLegal)
    throw new ViolationError('algorithm_refused', 'the algorithm does not fit the secret and the address')
}

const selfDialled = (): ViolationError => new ViolationError('same_instance', 'this node has dialled itself')

const sameBytes = (one: Uint8Array, other: Uint8Array): boolean => Buffer.compare(one, other) === 0
