// Published as `p2pnet/xstate`: the actions of machines that are spawned as actors.
export {
  type AskActionOptions,
  ask,
  type Expression,
  type MessageAction,
  type P2pStamp,
  reply,
  tell,
} from '@p2pnet/actor'
