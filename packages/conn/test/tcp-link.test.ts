import { connect, createServer } from 'node:net'
import { expect, it } from 'vitest'
import { until } from '../../../test/support/until.ts'
import { dialTcp, tcpLinks } from '../src/dialer.ts'
import { isLoopbackHost } from '../src/link.ts'
import { TcpLink } from '../src/tcp-link.ts'
import { describeLinks } from './link-contract.ts'
import { anyPort, LinkEnd } from './link-end.ts'

describeLinks('a TCP link', () => tcpLinks)

it('reports a reset by the peer as the error of its close', async () => {
  const accepts: LinkEnd[] = []
  const server = await tcpLinks.listen(anyPort, (link) => accepts.push(new LinkEnd(link)))
  const socket = connect(server.address.port, server.address.host)
  await until(() => accepts.length === 1)

  socket.resetAndDestroy()
  await until(() => accepts[0]?.closes.length === 1)
  await server.close()

  expect(accepts[0]?.closes[0]).toMatchObject({ code: 'ECONNRESET' })
})

it('names whom it dials before it is connected', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await until(() => server.listening)
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  const link = dialTcp({ host: '127.0.0.1', port: address.port })

  const before = link.remoteAddress
  const end = new LinkEnd(link)
  await until(() => end.count('open') === 1)
  link.destroy()
  server.close()

  expect(before).toBe(`127.0.0.1:${address.port}`)
  expect(link).toBeInstanceOf(TcpLink)
})

it.each([
  ['127.0.0.1', true],
  ['127.255.3.4', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['LOCALHOST', true],
  ['127.0.0.1.evil.example', false],
  ['128.0.0.1', false],
  ['0.0.0.0', false],
  ['::', false],
  ['', false],
])('takes %j for this machine: %s', (host, expected) => {
  expect(isLoopbackHost(host)).toBe(expected)
})
