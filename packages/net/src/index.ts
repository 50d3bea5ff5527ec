// The public API, published as `p2pnet`.
import type { NetOptions } from './options.ts'
import { P2pNet } from './p2p-net.ts'

export {
  type ActorContext,
  ActorError,
  type ActorErrorCode,
  AskError,
  type AskOptions,
  type AskTicket,
  type Behaviour,
  fromHandler,
  type Handler,
  type HandlerFunction,
  type HandlerOptions,
  type Logger,
  type P2pStamp,
  type RestartType,
  type SpawnOptions,
  type StopReason,
} from '@p2pnet/actor'
export {
  type Conn,
  ConnError,
  type ConnErrorCode,
  type ConnListener,
  type ConnOptions,
  createMemoryLinks,
  type Link,
  type LinkAddress,
  type LinkFactory,
  tcpLinks,
} from '@p2pnet/conn'
export {
  type Clock,
  CloseReason,
  type EndLike,
  FailCode,
  type LinkClass,
  OptionError,
  type OptionErrorCode,
  type P2pEnd,
  P2pError,
  type P2pPack,
  type Random,
  systemClock,
  WireError,
  type WireErrorCode,
} from '@p2pnet/wire'
export type { DialAddress, DialOptions } from './connector.ts'
export type { DialedPeer } from './dialed-peer.ts'
export { NetError, type NetErrorCode } from './errors.ts'
export type { ActorStats, NetStats } from './net-stats.ts'
export type { LimitOptions, ListenOptions, NetOptions, OwnEnd } from './options.ts'
export type { P2pListener } from './p2p-listener.ts'
export type { SpawnedActor } from './p2p-net.ts'
export type { SpawnPlace } from './spawn-place.ts'
export { P2pNet }

/**
 * Makes a node. It does nothing before `start()`.
 *
 * @throws OptionError `ERR_OPTION_BAD_VALUE`, `ERR_OPTION_UNKNOWN`, `ERR_OPTION_SECRET_REQUIRED`
 */
export const createP2pNet = (options: NetOptions): P2pNet => new P2pNet(options)
