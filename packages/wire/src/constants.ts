// Every number of the wire format, and nothing else. docs/wire.md has the same tables for people; a test
// compares them. Change both in one commit.

/** Sizes in bytes and the fixed values of a frame's header. */
export const Frame = {
  /** Whole header, the length field included. */
  headerBytes: 24,
  /** The length field counts what follows it, so a frame is `length + lengthBytes` long. */
  lengthBytes: 4,
  /** The smallest legal value of the length field: the rest of a header, without payload. */
  lengthMin: 20,
  /** Magic and version 1 in one byte. */
  magic: 0xa1,
  version: 1,
} as const

/** Where each header field begins. */
export const Offset = {
  length: 0,
  magic: 4,
  kind: 5,
  flags: 6,
  payload: 7,
  source: 8,
  hops: 11,
  destination: 12,
  reserved: 15,
  callTag: 16,
  callSeq: 20,
  fields: 24,
} as const

/** What a frame is. Bit 0x80: may be ignored if unknown. Bit 0x40: a routed pack. */
export const Kind = {
  hello: 0x01,
  challenge: 0x02,
  prove: 0x03,
  registered: 0x04,
  rejected: 0x05,
  ping: 0x10,
  pong: 0x11,
  announce: 0x12,
  withdraw: 0x13,
  refuse: 0x14,
  drain: 0x15,
  drained: 0x16,
  bye: 0x17,
  hold: 0x18,
  release: 0x19,
  tell: 0x40,
  ask: 0x41,
  reply: 0x42,
  fail: 0x43,
  cancel: 0x44,
  watch: 0x45,
  unwatch: 0x46,
  down: 0x47,
  reliable: 0x48,
  ack: 0x49,
  fragment: 0x4a,
} as const
export type Kind = (typeof Kind)[keyof typeof Kind]
export type KindName = keyof typeof Kind

export const KindBit = { ignorable: 0x80, routed: 0x40 } as const

/** Header flags. Those with a field name a field behind the header, in bit order. */
export const Flag = {
  deadline: 0x01,
  epoch: 0x02,
  sub: 0x04,
  trace: 0x08,
  fromClient: 0x10,
} as const

export const flagsKnown = 0x1f
/** The flags that announce a field. */
export const fieldFlags = 0x0f

/** Bytes of each optional header field. */
export const FieldBytes = { deadline: 4, epoch: 6, sub: 8, trace: 25 } as const

/** The class of a link, decided by its listener. */
export const LinkClass = { node: 1, client: 2 } as const
export type LinkClass = keyof typeof LinkClass

/** Proof algorithms, as bits in hello and as one bit in challenge. */
export const Algorithm = { none: 0x01, hmacSha256: 0x02 } as const
export type Algorithm = (typeof Algorithm)[keyof typeof Algorithm]

/** How a hello names its end: a number of its own, or any free number of a type. */
export const Claim = { exact: 0, anyNumber: 1 } as const
export type Claim = (typeof Claim)[keyof typeof Claim]

/** Fixed sizes inside the handshake. */
export const Handshake = {
  /** "P2PN", the first bytes of every hello. */
  greeting: 0x5032504e,
  instanceBytes: 16,
  nonceBytes: 32,
  proofBytes: 32,
  frameBytesMax: 4096,
} as const

/** Why a conn ended. The number travels in `bye` and `rejected`; the name is what the API shows. */
export const CloseReason = {
  normal: 1,
  shutdown: 2,
  kicked: 3,
  replaced: 4,
  bad_version: 16,
  bad_length: 17,
  frame_too_large: 18,
  bad_header: 19,
  unknown_kind: 20,
  kind_not_allowed: 21,
  bad_frame: 22,
  bad_payload: 23,
  bad_source: 24,
  register_timeout: 32,
  bad_proof: 33,
  end_taken: 34,
  class_mismatch: 35,
  same_instance: 36,
  no_common_version: 37,
  algorithm_refused: 38,
  ends_exhausted: 39,
  silent: 48,
  write_queue_full: 49,
  drain_timeout: 50,
  internal_error: 63,
  connect_timeout: 64,
  connect_failed: 65,
  link_failed: 66,
  peer_ended: 67,
} as const
export type CloseReason = keyof typeof CloseReason

/** Why an ask failed, as it travels in a `fail` pack. */
export const FailCode = {
  ERR_ASK_NO_ROUTE: 1,
  ERR_ASK_TIMEOUT: 2,
  ERR_ASK_PEER_CLOSED: 3,
  ERR_ASK_OVERLOADED: 4,
  ERR_ASK_ACTOR_CRASHED: 5,
  ERR_ASK_REJECTED: 6,
  ERR_ASK_ABORTED: 7,
  ERR_ASK_DEADLOCK: 8,
} as const
export type FailCode = keyof typeof FailCode

/** Bytes of one announced range: type, lo, hi, origin end, epoch, hops. */
export const announceEntryBytes = 15
/** Bytes of one withdrawn or refused range: type, lo, hi. */
export const rangeBytes = 5
/** Set in the first payload byte of the announce that ends the first run. */
export const announceLast = 0x01
