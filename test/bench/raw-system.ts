// The limit: what sockets and the codec alone cost. A message's own id is its call id; replies find their callback
// in a ring of slots. No promise, no deadline, no route, no actor.
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { idOf } from './messages.ts'
import { RawChannel } from './raw-channel.ts'
import type { BenchSystem } from './system.ts'

/** A power of two, and more than are ever in flight. */
const slotCount = 4_096

export const rawSystem: BenchSystem = {
  async serve(handle) {
    const channels: RawChannel[] = []
    const server = createServer((socket) => {
      const channel = new RawChannel(socket, (message) => {
        handle(message)
        if (idOf(message) !== 0) channel.send(message)
      })
      channels.push(channel)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      port: portOf(server.address()),
      expect(payload) {
        for (const channel of channels) channel.expect(payload)
      },
    }
  },

  async connect(port) {
    const socket: Socket = dial(port, '127.0.0.1')
    await once(socket, 'connect')
    const slots = new Array<((reply: unknown) => void) | undefined>(slotCount).fill(undefined)
    const channel = new RawChannel(socket, (message) => {
      const slot = idOf(message) & (slotCount - 1)
      const onReply = slots[slot]
      slots[slot] = undefined
      onReply?.(message)
    })
    return {
      expect: (payload) => channel.expect(payload),
      ask(message, onReply) {
        slots[idOf(message) & (slotCount - 1)] = onReply
        channel.send(message)
      },
      tell: (message) => channel.send(message),
    }
  },
}

/** The port of a listening TCP server. */
export function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (typeof address === 'object' && address !== null) return address.port
  throw new Error('the server does not listen on a port')
}
