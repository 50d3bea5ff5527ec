// No message runs inside the call that sent it: no stack grows, nobody starves, and the event loop has its turns.
import { fromHandler } from 'p2pnet'
import { describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { startNode } from './nodes.ts'

const tells = 1_000_000

describe('two actors that tell each other a million times', () => {
  it('neither overflow the stack, nor starve a third, nor the event loop', async () => {
    const net = await startNode([1, 1], { listen: [] })
    let heard = 0
    const pong = fromHandler((to: readonly [number, number], ctx) => {
      heard++
      if (heard < tells) ctx.tell(to, to[1] === 1 ? [2, 2] : [2, 1])
    })
    net.spawn([2, 1], pong)
    net.spawn([2, 2], pong)
    net.spawn(
      [2, 3],
      fromHandler(() => heard),
    )
    let ticks = 0
    const timer = setInterval(() => ticks++, 5)

    net.tell([2, 1], [2, 2])
    const answers: number[] = []
    while (heard < tells) answers.push(Number(await net.ask([2, 3], 'how many?')))
    clearInterval(timer)

    expect(heard).toBe(tells)
    // Each answer was given in between, and there were many; so were the timer's ticks.
    expect(answers.filter((count) => count > 0 && count < tells).length).toBeGreaterThan(50)
    expect(ticks).toBeGreaterThan(10)
    expect(net.stats()).toMatchObject({ deadLetters: 0, crashes: 0 })
  })
})

describe('an actor with a full mailbox', () => {
  it('lets an ask of another one through long before it is done', async () => {
    const net = await startNode([1, 1], { listen: [] })
    let handled = 0
    net.spawn(
      [2, 1],
      fromHandler(() => void handled++),
    )
    net.spawn(
      [2, 2],
      fromHandler(() => handled),
    )
    for (let no = 0; no < 16_000; no++) net.tell([2, 1], no)

    const before = await net.ask([2, 2], 'how many?')

    expect(before).toBeLessThan(1_000)
    await until(() => handled === 16_000)
  })

  it('over a conn lets an ask of another one through too, and loses nothing that it can keep up with', async () => {
    const host = await startNode([2, 1])
    let handled = 0
    host.spawn(
      [2, 7],
      fromHandler(() => void handled++),
      { mailbox: { messagesMax: 1_000 } },
    )
    host.spawn(
      [2, 8],
      fromHandler(() => handled),
    )
    const net = await startNode([1, 1], { listen: [] })
    await net.dial(host.address ?? { port: 0 })

    for (let no = 0; no < 100_000; no++) net.tell([2, 7], no)
    await net.ask([2, 8], 'are you through?')
    await until(() => handled === 100_000)

    expect(host.stats()).toMatchObject({ deadLetters: 0 })
  })
})
