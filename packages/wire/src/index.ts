// The barrel: what the other packages use of the wire.
export { ByteReader, ByteWriter } from './byte-cursor.ts'
export { type Clock, type Random, systemClock, systemRandom, type TimerHandle } from './clock.ts'
export {
  Algorithm,
  Claim,
  CloseReason,
  FailCode,
  FieldBytes,
  Flag,
  Frame,
  flagsKnown,
  Handshake,
  Kind,
  KindBit,
  type KindName,
  LinkClass,
  Offset,
} from './constants.ts'
export {
  type Announce,
  type AnnouncedRange,
  announcePack,
  type EndRange,
  type Fail,
  failPayload,
  rangesPack,
  readAnnounce,
  readFail,
  readRanges,
} from './control-frames.ts'
export { type EndId, type EndLike, endId, endOf, formatEnd, noEnd, type P2pEnd, toEndId } from './end.ts'
export {
  type ErrorDetails,
  messageOf,
  OptionError,
  type OptionErrorCode,
  P2pError,
  type P2pErrorOptions,
  WireError,
  type WireErrorCode,
} from './errors.ts'
export { FrameDecoder, type FrameLimits } from './frame-decoder.ts'
export { encodeFrame, encodePack, frameSize } from './frame-encoder.ts'
export {
  type ConnSide,
  type FrameRules,
  frameRules,
  type Phase,
  type Role,
  type Verdict,
} from './frame-rules.ts'
export { guard, isThenable } from './guard.ts'
export {
  type AnnouncedLimits,
  type Challenge,
  challengePack,
  controlPack,
  type Hello,
  helloPack,
  provePack,
  type Registered,
  readChallenge,
  readHello,
  readReason,
  readRegistered,
  reasonPack,
  registeredFields,
  registeredPack,
} from './handshake-frames.ts'
export { badOption, type IntegerRange, requireInteger, requireOneOf, withDefaults } from './option-checks.ts'
export { P2pPack, type PackFields } from './p2p-pack.ts'
export {
  decodePayload,
  decodeScannedPayload,
  encodePayload,
  type PayloadTarget,
  putPayload,
} from './payload.ts'
export {
  type PayloadBytes,
  type PayloadFault,
  type PayloadLimits,
  payloadDepthCeiling,
  scanPayload,
} from './payload-scan.ts'
