// Node as it is usually written: msgpackr's own `pack` behind a length, one write per message, Buffer.concat for
// whatever arrives, a Map of promises and a timer for each request.
import { once } from 'node:events'
import { createServer, connect as dial, type Socket } from 'node:net'
import { pack, unpack } from 'msgpackr'
import { portOf } from './raw-system.ts'
import type { BenchSystem } from './system.ts'

const requestTimeoutMs = 5_000

type Envelope =
  | { readonly type: 'ask' | 'reply'; readonly callId: number; readonly body: unknown }
  | { readonly type: 'tell'; readonly body: unknown }

interface Waiting {
  readonly resolve: (reply: unknown) => void
  readonly timer: NodeJS.Timeout
}

export const usualSystem: BenchSystem = {
  async serve(handle) {
    const server = createServer((socket) => {
      onEnvelope(socket, (envelope) => {
        const body = handle(envelope.body)
        if (envelope.type === 'ask') send(socket, { type: 'reply', callId: envelope.callId, body })
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return { port: portOf(server.address()) }
  },

  async connect(port) {
    const socket = dial(port, '127.0.0.1')
    await once(socket, 'connect')
    const request = requester(socket)
    return {
      ask(message, onReply, onFailure) {
        request(message).then(onReply, onFailure)
      },
      tell(message) {
        send(socket, { type: 'tell', body: message })
      },
    }
  },
}

function requester(socket: Socket): (body: unknown) => Promise<unknown> {
  const waiting = new Map<number, Waiting>()
  let lastCallId = 0
  onEnvelope(socket, (envelope) => {
    if (envelope.type !== 'reply') return
    const request = waiting.get(envelope.callId)
    if (request === undefined) return
    waiting.delete(envelope.callId)
    clearTimeout(request.timer)
    request.resolve(envelope.body)
  })
  return (body) =>
    new Promise((resolve, reject) => {
      const callId = ++lastCallId
      const timer = setTimeout(() => {
        waiting.delete(callId)
        reject(new Error('the request timed out'))
      }, requestTimeoutMs)
      waiting.set(callId, { resolve, timer })
      send(socket, { type: 'ask', callId, body })
    })
}

function send(socket: Socket, envelope: Envelope): void {
  const body = pack(envelope)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  socket.write(Buffer.concat([length, body]))
}

function onEnvelope(socket: Socket, take: (envelope: Envelope) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.setNoDelay(true)
  socket.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 4) {
      const end = 4 + rest.readUInt32BE(0)
      if (rest.length < end) break
      const body = rest.subarray(4, end)
      rest = rest.subarray(end)
      take(unpack(body) as Envelope) // As usually written: the peer is believed.
    }
  })
}
