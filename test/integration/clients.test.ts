// Untrusted ends: what a gateway gives them, and what it keeps from them.
import { type ActorContext, type CloseReason, type Conn, createP2pNet, fromHandler } from 'p2pnet'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { addressOf, codeOf, echo, quiet, startClient, startNode } from './nodes.ts'

const whoAmI = fromHandler((_message, ctx) => ctx.from)

async function startGateway(options: Parameters<typeof startNode>[1] = {}) {
  const gateway = await startNode([2, 1], { listen: { links: 'client' }, ...options })
  gateway.spawn([2, 7], whoAmI)
  return gateway
}

describe('a client', () => {
  it('that names only its type is given a number, and the next one another', async () => {
    const gateway = await startGateway()

    const [one, two] = [await startClient(gateway), await startClient(gateway)]

    expect([one.end, two.end]).toEqual([
      { endType: 10, endNo: 1 },
      { endType: 10, endNo: 2 },
    ])
    expect(gateway.ends(10)).toEqual([one.end, two.end])
  })

  it('may have an end of its own, which nobody else gets meanwhile', async () => {
    const gateway = await startGateway()
    const client = await startClient(gateway, [10, 5])

    const twin = startClient(gateway, [10, 5])

    expect(await codeOf(twin)).toBe('ERR_CONN_REGISTER_FAILED')
    expect(await client.ask([2, 7], 1)).toEqual({ endType: 10, endNo: 5 })
  })

  it('is the source of what it sends, as the gateway says', async () => {
    const gateway = await startGateway()
    const clients = [await startClient(gateway), await startClient(gateway)]

    const seen = await Promise.all(clients.map((client) => client.ask([2, 7], 'who am I?')))

    expect(seen).toEqual(clients.map((client) => client.end))
  })

  it('asks its gateway for everything, and is told what has no route', async () => {
    const gateway = await startGateway()
    const client = await startClient(gateway)

    expect(client.where([2, 7])).toBeUndefined()
    expect(await codeOf(client.ask([9, 9], 1))).toBe('ERR_ASK_NO_ROUTE')
    expect(gateway.stats().deadLettersByReason).toEqual({ no_route: 1 })
  })

  it('is asked by actors of its gateway', async () => {
    const gateway = await startGateway()
    const client = await startClient(gateway)
    client.spawn('self', echo)

    expect(await gateway.ask([10, 1], 'are you there?')).toEqual({ echo: 'are you there?' })
  })

  it('may send to its gateway as soon as its own actor starts', async () => {
    const gateway = await startGateway()
    const client = createP2pNet({ end: { endType: 10 }, logger: quiet })
    let seen: unknown
    const init = async (_input: unknown, ctx: ActorContext) => {
      seen = await ctx.ask([2, 7], 'who am I?')
    }
    client.spawn('self', fromHandler({ init, handle: () => {} }))
    await client.start()

    await client.dial(addressOf(gateway))
    await until(() => seen !== undefined)
    await client.close()

    expect(seen).toEqual(client.end)
  })

  it('has actors that its gateway does not learn of: it cannot announce', async () => {
    const gateway = await startGateway()
    const client = await startClient(gateway)
    client.spawn([3, 3], echo)

    await client.ask([2, 7], 'behind the announcement, if there were one')

    expect(gateway.where([3, 3])).toBeUndefined()
    expect(await client.ask([3, 3], 'here')).toEqual({ echo: 'here' })
  })

  it('that goes leaves its number, and its open asks are given up', async () => {
    const gateway = await startGateway()
    const signals: AbortSignal[] = []
    const handler = fromHandler((_message, ctx) => {
      signals.push(ctx.signal)
      return new Promise(() => {})
    })
    gateway.spawn([2, 8], handler, { shutdownMs: 1 })
    const client = await startClient(gateway)
    const ended = codeOf(client.ask([2, 8], 1))
    await until(() => signals.length === 1)

    await client.close({ deadlineMs: 0 })

    expect(await ended).toBe('ERR_ASK_PEER_CLOSED')
    await until(() => gateway.ends(10).length === 0 && signals[0]?.aborted === true)
  })

  it('sees the shutdown of its gateway', async () => {
    const gateway = await startGateway()
    const reasons: CloseReason[] = []
    const connListener = { onConnClose: (_conn: Conn, reason: CloseReason) => reasons.push(reason) }
    const client = await startClient(gateway, { endType: 10 }, { connListener })

    await gateway.close()

    await until(() => client.stats().conns === 0)
    expect(reasons).toEqual(['shutdown'])
    expect(await codeOf(client.ask([2, 7], 1))).toBe('ERR_ASK_NO_ROUTE')
  })
})

describe('the class of a link', () => {
  it('is the listener s: a dial without links falls back to client', async () => {
    const gateway = await startGateway()
    const node = await startNode([1, 1], { listen: [] })

    await node.dial(addressOf(gateway))

    expect(await node.ask([2, 7], 1)).toEqual({ endType: 1, endNo: 1 })
    expect(node.where([2, 7])).toBeUndefined()
  })

  it('that is named and is another is refused', async () => {
    const gateway = await startGateway()
    const server = await startNode([3, 1])
    const node = await startNode([1, 1], { listen: [] })

    const codes = [
      await codeOf(node.dial(addressOf(gateway), { links: 'node' })),
      await codeOf(node.dial(addressOf(server), { links: 'client' })),
    ]

    expect(codes).toEqual(['ERR_CONN_REGISTER_FAILED', 'ERR_CONN_REGISTER_FAILED'])
    expect([gateway.stats().conns, server.stats().conns]).toEqual([0, 0])
  })

  it('has its own port and secret: neither opens the other', async () => {
    const listen = [{ secret: 'nodes' }, { links: 'client' as const, secret: 'clients' }]
    const server = await startNode([2, 1], { listen })
    const [nodePort, clientPort] = server.addresses as [
      (typeof server.addresses)[0],
      (typeof server.addresses)[0],
    ]
    const node = await startNode([1, 1], { listen: [], secret: 'nodes' })
    const client = await startNode({ endType: 10 }, { listen: [], secret: 'clients' })

    const crossed = [
      await codeOf(node.dial(clientPort, { links: 'client' })),
      await codeOf(client.dial(nodePort, { links: 'node' })),
    ]
    await Promise.all([node.dial(nodePort), client.dial(clientPort)])

    expect(crossed).toEqual(['ERR_CONN_REGISTER_FAILED', 'ERR_CONN_REGISTER_FAILED'])
    expect(server.stats().conns).toBe(2)
  })

  it('gives each class its limits: a client is told to ask for less, a node is not', async () => {
    const limits = { client: { asksMax: 3 } }
    const server = await startNode([2, 1], { listen: [{}, { links: 'client' }], limits })
    server.spawn(
      [2, 7],
      fromHandler(() => new Promise(() => {})),
      { shutdownMs: 1 },
    )
    const [nodePort, clientPort] = server.addresses
    const node = createP2pNet({ end: [1, 1], logger: quiet })
    const client = createP2pNet({ end: { endType: 10 }, logger: quiet })
    await Promise.all([node.start(), client.start()])
    await Promise.all([node.dial(nodePort ?? { port: 0 }), client.dial(clientPort ?? { port: 0 })])

    const codesOf = (net: typeof node) =>
      Promise.all([1, 2, 3, 4].map((no) => codeOf(net.ask([2, 7], no, { timeoutMs: 300 }))))
    const [ofNode, ofClient] = await Promise.all([codesOf(node), codesOf(client)])
    await Promise.all([node.close({ deadlineMs: 0 }), client.close({ deadlineMs: 0 })])

    expect(ofNode.filter((code) => code === 'ERR_ASK_OVERLOADED')).toHaveLength(0)
    expect(ofClient.filter((code) => code === 'ERR_ASK_OVERLOADED')).toHaveLength(1)
  })
})
