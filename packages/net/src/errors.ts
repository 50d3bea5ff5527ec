// What can go wrong with a net, as a `P2pError`.
import { P2pError } from '@p2pnet/wire'

export type NetErrorCode =
  | 'ERR_NET_CLOSED'
  | 'ERR_NET_END_TAKEN'
  | 'ERR_NET_ENDS_EXHAUSTED'
  | 'ERR_NET_END_UNKNOWN'
  | 'ERR_NET_LISTEN_FAILED'
  | 'ERR_NET_NOT_STARTED'

export class NetError extends P2pError<NetErrorCode> {
  override readonly name = 'NetError'
}
