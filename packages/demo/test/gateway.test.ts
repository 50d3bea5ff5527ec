import { createMemoryLinks, createP2pNet, fromHandler, type P2pNet, systemClock } from 'p2pnet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { world } from '../src/arena.ts'
import { relayIn, relayOut } from '../src/gateway.ts'
import { AskBook, Tally } from '../src/part.ts'
import { ends } from '../src/protocol.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {}, child: () => quiet }

describe('the relays', () => {
  let gateway: P2pNet
  let arena: P2pNet
  let client: P2pNet
  const nets: P2pNet[] = []

  const make = (options: Parameters<typeof createP2pNet>[0]): P2pNet => {
    const net = createP2pNet({ ...options, logger: quiet })
    nets.push(net)
    return net
  }

  beforeEach(async () => {
    const links = createMemoryLinks(systemClock)
    const tally = new Tally()
    gateway = make({ end: ends.gateway, links, listen: [{ links: 'node' }, { links: 'client' }] })
    gateway.spawn(ends.relayIn, relayIn(tally))
    gateway.spawn(ends.relayOut, relayOut(tally))
    arena = make({ end: ends.arena, links })
    arena.spawn(ends.world, world(tally))
    arena.spawn(
      ends.match,
      fromHandler((message) => message),
    )
    client = make({ end: { endType: 10 }, links })
    await Promise.all(nets.map((net) => net.start()))
    const [nodePort, clientPort] = gateway.addresses
    if (nodePort === undefined || clientPort === undefined) throw new Error('the gateway does not listen')
    await arena.dial(nodePort)
    await client.dial(clientPort)
  })

  afterEach(async () => {
    await Promise.all(nets.splice(0).map((net) => net.close()))
  })

  it('hand an ask on, stamped with the client it came from', async () => {
    const body = { type: 'join', seq: 1, client: { endType: 10, endNo: 999 } }

    const answer = await client.ask(ends.relayIn, { to: 'match', isAsk: true, body })

    expect(answer).toEqual({ type: 'join', seq: 1, client: client.end })
  })

  it('pass on why an ask ended without an answer', async () => {
    await arena.stop(ends.match)

    const body = { type: 'join', seq: 1 }
    const outcome = await new AskBook().follow(client.ask(ends.relayIn, { to: 'match', isAsk: true, body }))

    expect(outcome).toMatchObject({ kind: 'ended', code: 'ERR_ASK_NO_ROUTE', mayHaveRun: false })
  })

  it.each([
    ['no object', 7],
    ['an end that is no service', { to: 'relayOut', isAsk: true, body: { type: 'x', seq: 1 } }],
    ['no number', { to: 'world', isAsk: true, body: { type: 'look' } }],
  ])('refuse a request with %s', async (_what, request) => {
    await expect(client.ask(ends.relayIn, request)).rejects.toMatchObject({ code: 'ERR_ASK_REJECTED' })
  })

  it('let no client crash the world or write to other clients', async () => {
    const crash = { to: 'world', isAsk: true, body: { type: 'crash', seq: 1 } }
    const outward = { to: [client.end], body: 'spam' }

    await expect(client.ask(ends.relayIn, crash)).rejects.toMatchObject({ code: 'ERR_ASK_REJECTED' })
    await expect(client.ask(ends.relayOut, outward)).rejects.toMatchObject({ code: 'ERR_ASK_REJECTED' })
    expect(arena.stats().crashes).toBe(0)
  })
})
