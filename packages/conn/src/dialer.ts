// Opens sockets: the seed's DialTimeout, whose timeout is a deadline of the connection machine.
import { connect } from 'node:net'
import type { Link, LinkAddress, LinkFactory } from './link.ts'
import { listenTcp } from './listener.ts'
import { TcpLink } from './tcp-link.ts'

export function dialTcp(address: LinkAddress): Link {
  const { host, port } = address
  return new TcpLink(connect({ host, port, allowHalfOpen: true, noDelay: true }), `${host}:${port}`)
}

export const tcpLinks: LinkFactory = { listen: listenTcp, dial: dialTcp }
