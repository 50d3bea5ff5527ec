import { describe, expect, it, vi } from 'vitest'
import { rejectionOf, thrownBy, until } from '../../../test/support/until.ts'
import { createP2pNet, fromHandler } from '../src/index.ts'
import { makeNet, newMemory, startNet, startPair } from './nets.ts'

const echo = fromHandler((message) => message)
const inUse = { port: 7_000 }

describe('starting a net', () => {
  it('starts the actors first, in order, then listens', async () => {
    const steps: string[] = []
    const links = newMemory()
    const listen: typeof links.listen = (...args) => {
      steps.push('listen')
      return links.listen(...args)
    }
    const net = makeNet([1, 1], { ...links, listen })
    for (const endNo of [1, 2]) {
      const init = async () => {
        await Promise.resolve()
        steps.push(`actor ${endNo}`)
      }
      net.spawn([2, endNo], fromHandler({ init, handle: () => {} }))
    }

    await net.start()

    expect(steps).toEqual(['actor 1', 'actor 2', 'listen'])
    expect(net.state).toBe('running')
  })

  it('twice is once', async () => {
    const net = makeNet([1, 1], newMemory())

    const both = [net.start(), net.start()]
    await Promise.all(both)

    expect(both[0]).toBe(both[1])
    expect(net.addresses).toHaveLength(1)
  })

  it('says where it listens, in the order of its options', async () => {
    const net = await startNet([1, 1], newMemory(), { listen: [{ port: 70 }, { port: 0, links: 'client' }] })

    expect(net.addresses).toEqual([
      { host: '127.0.0.1', port: 70 },
      { host: '127.0.0.1', port: 1 },
    ])
    expect(net.address).toEqual(net.addresses[0])
  })

  it('is not needed by a net that does not listen in order to spawn and tell', async () => {
    const net = makeNet([1, 1], newMemory(), { listen: [] })

    expect([net.address, net.state, net.end]).toEqual([undefined, 'starting', { endType: 1, endNo: 1 }])
    await expect(net.start()).resolves.toBeUndefined()
  })

  it('at a port in use fails, and leaves nothing behind', async () => {
    const links = newMemory()
    await startNet([1, 1], links, { listen: inUse })
    const stopped: string[] = []
    const net = makeNet([1, 2], links, { listen: [{ port: 7_001 }, { ...inUse, secret: 'hush' }] })
    net.spawn([2, 7], fromHandler({ handle: () => {}, stop: (_, reason) => stopped.push(reason) }))

    const error = await rejectionOf(net.start())

    expect(error).toMatchObject({
      code: 'ERR_NET_LISTEN_FAILED',
      details: { host: '127.0.0.1', port: 7_000 },
    })
    expect(JSON.stringify(error)).not.toContain('hush')
    expect([net.state, stopped, net.stats().actors]).toEqual(['stopped', ['shutdown'], []])
    // The port that it had taken before is free again.
    await expect(startNet([1, 3], links, { listen: { port: 7_001 } })).resolves.toBeDefined()
  })

  it('that has failed fails in the same way when it is asked again', async () => {
    const links = newMemory()
    await startNet([1, 1], links, { listen: inUse })
    const net = makeNet([1, 2], links, { listen: inUse })
    const errors = [await rejectionOf(net.start()), await rejectionOf(net.start())]

    expect(errors[1]).toBe(errors[0])
    expect(thrownBy(() => net.spawn([2, 7], echo))).toMatchObject({ code: 'ERR_NET_CLOSED' })
  })
})

describe('closing a net', () => {
  it('twice is once, and resolves when all is stopped', async () => {
    const { one, two } = await startPair()
    const stopped: string[] = []
    one.spawn(
      [3, 1],
      fromHandler({ init: () => 0, handle: () => {}, stop: (_, reason) => stopped.push(reason) }),
    )

    const both = [one.close(), one.close()]
    await Promise.all(both)

    expect([one.state, stopped, one.stats().conns]).toEqual(['stopped', ['shutdown'], 0])
    await until(() => two.stats().conns === 0)
  })

  it('before it was started stops it, and it never starts', async () => {
    const net = makeNet([1, 1], newMemory())
    net.spawn([2, 7], echo)

    await net.close()

    expect(net.state).toBe('stopped')
    expect(await rejectionOf(net.start())).toMatchObject({ code: 'ERR_NET_CLOSED' })
  })

  it('while it starts leaves no port open', async () => {
    const links = newMemory()
    const net = makeNet([1, 1], links, { listen: inUse })
    let finishInit = (): void => {}
    const init = () =>
      new Promise<void>((resolve) => {
        finishInit = resolve
      })
    net.spawn([2, 7], fromHandler({ init, handle: () => {} }))
    const started = rejectionOf(net.start())
    await until(() => net.stats().actors[0]?.state === 'starting')

    const closed = net.close()
    finishInit()
    await closed

    expect(await started).toMatchObject({ code: 'ERR_NET_CLOSED' })
    expect(net.state).toBe('stopped')
    await expect(startNet([1, 2], links, { listen: inUse })).resolves.toBeDefined()
  })

  it('in the turn in which it begins to listen leaves no port open', async () => {
    const links = newMemory()
    let net = makeNet([1, 1], links)
    const listen: typeof links.listen = async (...args) => {
      void net.close()
      return links.listen(...args)
    }
    net = makeNet([1, 2], { ...links, listen }, { listen: inUse })

    const error = await rejectionOf(net.start())

    expect(error).toMatchObject({ code: 'ERR_NET_CLOSED' })
    await expect(startNet([1, 3], links, { listen: inUse })).resolves.toBeDefined()
  })

  it('refuses all that comes after it', async () => {
    const net = await startNet([1, 1])
    net.spawn([2, 7], echo)
    void net.close()

    const closed = { code: 'ERR_NET_CLOSED' }
    expect(thrownBy(() => net.tell([2, 7], 1))).toMatchObject(closed)
    expect(await rejectionOf(net.ask([2, 7], 1))).toMatchObject(closed)
    expect(await rejectionOf(net.dial({ port: 1 }))).toMatchObject(closed)
    expect(thrownBy(() => net.spawn([2, 8], echo))).toMatchObject(closed)
  })

  it.each([-1, 1.5, Number.NaN, 'soon', Number.POSITIVE_INFINITY])(
    'within %s ms is refused',
    async (deadlineMs) => {
      const net = await startNet([1, 1])

      const error = await rejectionOf(net.close({ deadlineMs: deadlineMs as number }))

      expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE' })
      expect(net.state).toBe('running')
    },
  )

  it('needs no logger of its own to be quiet', async () => {
    const write = vi.spyOn(process.stderr, 'write')
    const warn = vi.spyOn(console, 'warn')
    const net = createP2pNet({ end: [1, 1], links: newMemory(), listen: {} })
    await net.start()

    await net.close()

    expect([write.mock.calls, warn.mock.calls]).toEqual([[], []])
  })
})
