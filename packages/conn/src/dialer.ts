// Opens sockets: the seed's DialTimeout, whose timeout is a deadline of the connection machine.
import { connect } from 'node:net'
import type { Link, LinkAddress, LinkFactory } from './link.ts'
import { listenTcp } from './listener.ts'
import { TcpLink } from './tcp-link.ts'

export function dialTcp(address: LinkAddress): Link {
  return new TcpLink(connect({ host: address.host, port: address.port, allowHalfOpen: true, noDelay: true }))
}

export const tcpLinks: LinkFactory = { listen: listenTcp, dial: dialTcp }
