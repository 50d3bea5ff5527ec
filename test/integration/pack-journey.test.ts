// The first test to read: two nodes, one conversation, one crash, one restart.
import { createP2pNet, fromHandler, type P2pNet } from 'p2pnet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { addressOf, codeOf, quiet } from './nodes.ts'

interface Counter {
  count: number
}

/** Counts what it is told; one message makes it crash. */
const counter = fromHandler({
  init: (): Counter => ({ count: 0 }),
  handle: (state: Counter, message: 'add' | 'crash' | 'count') => {
    if (message === 'crash') throw new Error('on purpose')
    if (message === 'add') state.count++
    return state.count
  },
})

describe('two nodes', () => {
  const secret = 'correct horse battery staple'
  let lobby: P2pNet
  let game: P2pNet

  beforeAll(async () => {
    lobby = createP2pNet({ end: [1, 1], secret, logger: quiet })
    game = createP2pNet({ end: [2, 1], listen: { port: 0 }, secret, logger: quiet })
    game.spawn([2, 7], counter)
    await Promise.all([lobby.start(), game.start()])
  })

  afterAll(async () => {
    await Promise.all([lobby.close(), game.close()])
  })

  it('meet: one dials, and knows who it has met and what is hosted there', async () => {
    const peer = await lobby.dial(addressOf(game))

    expect(peer.end).toEqual({ endType: 2, endNo: 1 })
    expect(lobby.where([2, 7])).toEqual({ endType: 2, endNo: 1 })
    expect(game.where([1, 1])).toEqual({ endType: 1, endNo: 1 })
  })

  it('talk: tells arrive in order, and an ask behind them is answered with all of them', async () => {
    for (let no = 0; no < 100; no++) lobby.tell([2, 7], 'add')

    expect(await lobby.ask([2, 7], 'count')).toBe(100)
  })

  it('talk both ways: an actor over there asks one over here', async () => {
    lobby.spawn(
      [1, 5],
      fromHandler((name, ctx) => `${name} from ${ctx.from?.endType}:${ctx.from?.endNo}`),
    )
    game.spawn(
      [2, 8],
      fromHandler((name, ctx) => ctx.ask([1, 5], name)),
    )
    await until(() => game.where([1, 5]) !== undefined && lobby.where([2, 8]) !== undefined)

    expect(await lobby.ask([2, 8], 'hello')).toBe('hello from 2:8')
  })

  it('lose nothing but the message that crashed an actor, and its state', async () => {
    const crashed = codeOf(lobby.ask([2, 7], 'crash'))
    const behind = [1, 2, 3].map(() => lobby.ask([2, 7], 'add'))

    expect(await crashed).toBe('ERR_ASK_ACTOR_CRASHED')
    // The restarted actor counts from 0, and handles what had queued meanwhile, in order.
    expect(await Promise.all(behind)).toEqual([1, 2, 3])
    expect(game.stats()).toMatchObject({ crashes: 1, restarts: 1, deadLettersByReason: { crashed: 1 } })
    expect(lobby.where([2, 7])).toEqual({ endType: 2, endNo: 1 })
  })

  it('part: the one that closes answers what it has begun, and the other one knows', async () => {
    game.spawn(
      [2, 9],
      fromHandler(() => new Promise((resolve) => setImmediate(() => resolve('last words')))),
    )
    await until(() => lobby.where([2, 9]) !== undefined)
    const answer = lobby.ask([2, 9], 'anything to say?')
    await until(() => game.stats().actors.some((actor) => actor.state === 'busy'))

    await game.close()

    expect(await answer).toBe('last words')
    await until(() => lobby.stats().conns === 0)
    expect(await codeOf(lobby.ask([2, 7], 'count'))).toBe('ERR_ASK_NO_ROUTE')
  })
})
