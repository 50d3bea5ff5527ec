// Ours, with everything on: two nodes that share a secret, a supervised handler actor, routes, deadlines, heartbeats,
// bounded mailbox and write queue, the pre-scan.
import { createP2pNet, fromHandler } from 'p2pnet'
import type { BenchSystem } from './system.ts'

const secret = 'the bench of one machine'
const serverEnd = [1, 1] as const
const clientEnd = [1, 2] as const
const sinkEnd = [2, 1] as const

export const p2pnetSystem: BenchSystem = {
  async serve(handle) {
    const net = createP2pNet({ end: serverEnd, secret, listen: { port: 0 } })
    net.spawn(sinkEnd, fromHandler(handle))
    await net.start()
    const { address } = net
    if (address === undefined) throw new Error('the net does not listen')
    return { port: address.port }
  },

  async connect(port) {
    const net = createP2pNet({ end: clientEnd, secret })
    await net.start()
    await net.dial({ host: '127.0.0.1', port })
    return {
      ask(message, onReply, onFailure) {
        net.ask(sinkEnd, message).then(onReply, onFailure)
      },
      tell: (message) => net.tell(sinkEnd, message),
    }
  },
}
