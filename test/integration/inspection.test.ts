// What inspecting costs: a handler's messages pass no xstate event, a machine's a bounded few.
import { fromHandler } from 'p2pnet'
import { reply } from 'p2pnet/xstate'
import { describe, expect, it } from 'vitest'
import { type InspectionEvent, setup } from 'xstate'
import { addressOf, startNode } from './nodes.ts'

const messages = 500

const machine = setup({ types: { events: {} as { type: 'ping' } } }).createMachine({
  on: { ping: { actions: reply('pong') } },
})

async function stage() {
  const events: InspectionEvent[] = []
  const net = await startNode([1, 1], { inspect: (event) => void events.push(event) })
  net.spawn(
    [2, 7],
    fromHandler((message) => message),
  )
  net.spawn([2, 8], machine)
  return { net, events }
}

describe('the inspect option', () => {
  it('sees the tree of the net: root, supervisors, conns and machines', async () => {
    const { net, events } = await stage()
    const peer = await startNode([3, 1], { listen: [] })
    await peer.dial(addressOf(net))

    const born = events.filter(({ type }) => type === '@xstate.actor').map(({ actorRef }) => actorRef)
    const ids = born.map((ref) => ('id' in ref ? String(ref.id) : ''))

    expect(ids).toEqual(['p2pnet', 'actors', 'conns', '2:8', 'conn:1'])
    expect(new Set(events.map(({ rootId }) => rootId)).size).toBe(1)
  })

  it('sees 0 events for local messages to a handler', async () => {
    const { net, events } = await stage()
    const before = events.length

    for (let no = 0; no < messages; no++) await net.ask([2, 7], no)
    for (let no = 0; no < messages; no++) net.tell([2, 7], no)
    await net.ask([2, 7], 'last')

    expect(events.length - before).toBe(0)
  })

  it('sees 0 events for messages to a handler over a conn', async () => {
    const { net, events } = await stage()
    const peer = await startNode([3, 1], { listen: [] })
    await peer.dial(addressOf(net))
    const before = events.length

    for (let no = 0; no < messages; no++) await peer.ask([2, 7], no)

    expect(events.length - before).toBe(0)
  })

  it('sees the event, the snapshot and few more for a message to a machine', async () => {
    const { net, events } = await stage()
    const before = events.length

    for (let no = 0; no < messages; no++) await net.ask([2, 8], { type: 'ping' })

    const each = (events.length - before) / messages
    expect(each).toBeGreaterThanOrEqual(2)
    expect(each).toBeLessThanOrEqual(4)
  })

  it('may throw: the net goes on', async () => {
    const inspect = () => {
      throw new Error('on purpose')
    }
    const net = await startNode([1, 1], { inspect })
    net.spawn([2, 8], machine)
    const peer = await startNode([3, 1], { listen: [] })
    await peer.dial(addressOf(net))

    expect(await peer.ask([2, 8], { type: 'ping' })).toBe('pong')
    expect(await net.ask([2, 8], { type: 'ping' })).toBe('pong')
  })
})
