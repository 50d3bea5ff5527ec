import { describe, expect, it } from 'vitest'
import { rejectionOf, until } from '../../../test/support/until.ts'
import { fromHandler, type P2pListener } from '../src/index.ts'
import { addressOf, LogBook, newMemory, startNet, startPair } from './nets.ts'

const echo = fromHandler((message) => message)
const end = [2, 7] as const

/** A listener that writes down its moments. */
function newListener(): { readonly moments: string[]; readonly listener: P2pListener } {
  const moments: string[] = []
  const listener: P2pListener = {
    onP2pConn: (_net, type, no) => moments.push(`conn ${type}:${no}`),
    onP2pCall: (_net, pack) => moments.push(`call ${pack.sourceEnd.endType} ${pack.size}`),
    onP2pClose: (_net, type, no, reason) => moments.push(`close ${type}:${no} ${reason}`),
    onP2pError: (_net, error) => moments.push(`error ${error.code}`),
  }
  return { moments, listener }
}

describe('a P2pListener', () => {
  it('sees a node come, call and go', async () => {
    const { moments, listener } = newListener()
    const { one, two } = await startPair({ two: { listener } })
    two.spawn(end, echo)
    await until(() => one.where(end) !== undefined)

    await one.ask(end, 7)
    await one.close()
    await until(() => two.stats().conns === 0)

    expect(moments).toEqual(['conn 1:1', 'call 1 1', 'close 1:1 shutdown'])
  })

  it('is told of crashes, refused ends and violations', async () => {
    const { moments, listener } = newListener()
    const links = newMemory()
    const holder = await startNet([2, 1], links)
    holder.spawn([5, 1], echo)
    const net = await startNet([1, 1], links, { listener })
    const crash = fromHandler(() => {
      throw new Error('on purpose')
    })
    net.spawn([5, 1], crash)

    await net.dial(addressOf(holder))
    await until(() => moments.length > 1)
    await rejectionOf(net.ask([5, 1], 1))

    expect(moments).toEqual(['conn 2:1', 'error ERR_NET_END_TAKEN', 'error ERR_ACTOR_CRASHED'])
  })

  it('is not told of conns that never registered', async () => {
    const { moments, listener } = newListener()
    const links = newMemory()
    const guarded = await startNet([2, 1], links, { secret: 'a', listener })
    const stranger = await startNet([1, 1], links, { secret: 'b' })

    await rejectionOf(stranger.dial(addressOf(guarded)))
    await until(() => guarded.stats().connsClosed === 0 && moments.length > 0)

    expect(moments).toEqual(['error ERR_CONN_VIOLATION'])
  })

  it.each([
    [
      'throws',
      () => {
        throw new Error('on purpose')
      },
    ],
    ['rejects', () => Promise.reject(new Error('on purpose'))],
  ])('that %s is logged and changes nothing', async (_, fail) => {
    const logger = new LogBook()
    const listener: P2pListener = { onP2pConn: fail, onP2pCall: fail, onP2pClose: fail, onP2pError: fail }
    const { one, two } = await startPair({ two: { listener, logger } })
    two.spawn(end, echo)
    await until(() => one.where(end) !== undefined)

    const reply = await one.ask(end, 'hello')
    await one.close()
    await until(() => two.stats().conns === 0)
    await until(() => logger.messages('error').length === 3)

    expect(reply).toBe('hello')
    expect(new Set(logger.messages('error'))).toEqual(new Set(['listener failed']))
  })
})
