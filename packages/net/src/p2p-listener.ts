// The seed's P2pListener: who wants to observe ends coming and going gives one to the net.
import type { CloseReason, P2pError, P2pPack } from '@p2pnet/wire'
import type { P2pNet } from './p2p-net.ts'

/**
 * The moments of a net. (Seed: `OnP2pConn`, `OnP2pCall`, `OnP2pClose`, `OnP2pError`.) A listener that throws, or
 * returns a promise that rejects, is logged and changes nothing.
 */
export interface P2pListener {
  /** A node or a client has registered. */
  onP2pConn?(net: P2pNet, endType: number, endNo: number): unknown
  /** A data pack has come in. Its payload is valid during the call. Costs nothing when absent. */
  onP2pCall?(net: P2pNet, pack: P2pPack): unknown
  /** A registered node or client is gone. */
  onP2pClose?(net: P2pNet, endType: number, endNo: number, reason: CloseReason): unknown
  /** Something went wrong that belongs to no single call: a kicked conn, a refused end, an actor's crash. */
  onP2pError?(net: P2pNet, error: P2pError): unknown
}
