// Accepts sockets: the seed's Listen and Accept. Step 1 of a pack's way, together with dialer.ts.
import { createServer, type Server } from 'node:net'
import type { Link, LinkAddress, LinkServer } from './link.ts'
import { TcpLink } from './tcp-link.ts'

const backlog = 4_096

/** Listens on an address; port 0 takes a free one. Rejects with the system's error, e.g. EADDRINUSE. */
export function listenTcp(address: LinkAddress, onLink: (link: Link) => void): Promise<LinkServer> {
  // Half-open sockets are ours to close: a drained conn still writes after the peer's end.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => onLink(new TcpLink(socket)))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host: address.host, port: address.port, backlog }, () => {
      server.off('error', reject)
      // Later errors (out of files) lose one accept, not the listener.
      server.on('error', () => {})
      resolve({ address: boundAddress(server, address.host), close: () => closeServer(server) })
    })
  })
}

function boundAddress(server: Server, host: string): LinkAddress {
  const bound = server.address()
  return typeof bound === 'object' && bound !== null
    ? { host: bound.address, port: bound.port }
    : { host, port: 0 }
}

/** Resolves at once: `close` of a server waits for its sockets, which are the conns' to end. */
function closeServer(server: Server): Promise<void> {
  server.close()
  return Promise.resolve()
}
