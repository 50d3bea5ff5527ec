// Two real processes, on the built packages and the production build of xstate.
import { beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { build, startChild } from './children.ts'
import { codeOf, startNode } from './nodes.ts'

const asks = 100_000

beforeAll(build, 60_000)

describe('two processes', () => {
  it(`end each of ${asks} asks exactly once, though the actor crashes in the middle`, async () => {
    const host = startChild('host-process.mjs')
    const { port } = await host.next()

    const asker = startChild('asker-process.mjs', String(port), String(asks))
    const asked = await asker.next()
    host.process.send('report')
    const hosted = await host.next()

    expect(asked.ends).toEqual({ replied: asks - 1, 'crash ERR_ASK_ACTOR_CRASHED': 1 })
    expect(asked).toMatchObject({
      right: asks - 1,
      once: asks,
      asksOpen: 0,
      asksReplied: asks - 1,
      asksFailed: 1,
    })
    // No queued message was lost, and none was handled twice.
    expect(hosted).toMatchObject({ handled: asks, once: asks, crashes: 1, restarts: 1 })
    expect(hosted).toMatchObject({ accepted: asks, delivered: asks - 1, deadLettersByReason: { crashed: 1 } })
    expect(await asker.exited).toBe(0)
  })

  it('end all open asks soon when one of them is killed', async () => {
    const host = startChild('host-process.mjs')
    const { port } = await host.next()
    const net = await startNode([1, 1], { listen: [] })
    await net.dial({ port: Number(port) })
    const open = Array.from({ length: 100 }, (_, no) => codeOf(net.ask([2, 8], no, { timeoutMs: 20_000 })))
    await until(() => net.stats().asksOpen === 100 && net.stats().queuedBytes === 0)

    const killedAt = performance.now()
    host.process.kill('SIGKILL')
    const codes = await Promise.all(open)
    const tookMs = performance.now() - killedAt

    expect(new Set(codes)).toEqual(new Set(['ERR_ASK_PEER_CLOSED']))
    expect(tookMs).toBeLessThan(1_000)
    expect(await codeOf(net.ask([2, 8], 1))).toBe('ERR_ASK_NO_ROUTE')
  })
})

describe('a process', () => {
  it('ends by itself when its net is closed, with no handle left', async () => {
    const host = startChild('host-process.mjs')
    const { port } = await host.next()
    const net = await startNode([1, 1], { listen: [] })
    await net.dial({ port: Number(port) })
    await net.ask([2, 7], 'hello')

    host.process.send('close')
    const { resources } = await host.next()

    expect(await host.exited).toBe(0)
    // The channel to this test is all that is left, and at most the sweep's last timer.
    expect((resources as string[]).filter((name) => /TCP|Immediate/.test(name))).toEqual([])
    expect(host.output()).toBe('')
  })
})
