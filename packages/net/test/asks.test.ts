import { describe, expect, it } from 'vitest'
import { setup } from 'xstate'
import { rejectionOf, until } from '../../../test/support/until.ts'
import { type AskTicket, fromHandler, type P2pNet } from '../src/index.ts'
import { reply } from '../src/xstate.ts'
import { type GivenOptions, startNet, startPair } from './nets.ts'

const end = [2, 7] as const
const never = () => new Promise<never>(() => {})

/** The asker, and the net on which actors are spawned: the same one, or another behind a conn. */
interface Stage {
  readonly asker: P2pNet
  readonly host: P2pNet
}

const stages: readonly [string, (options?: GivenOptions) => Promise<Stage>][] = [
  [
    'of the same node',
    async (options) => {
      const net = await startNet([1, 1], undefined, options)
      return { asker: net, host: net }
    },
  ],
  [
    'of another node',
    async (options) => {
      const { one, two } = await startPair({ two: options ?? {} })
      return { asker: one, host: two }
    },
  ],
]

/** Spawns and waits until the asker knows. */
async function spawnAt({ asker, host }: Stage, ...spawn: Parameters<P2pNet['spawn']>) {
  const actor = host.spawn(...spawn)
  await until(() => asker.where(actor.end) !== undefined)
  return actor
}

describe.each(stages)('an ask for an actor %s', (_, newStage) => {
  it.each([undefined, null, 0, '', 'text', [1, 2], { deep: { er: [true] } }])(
    'is answered with %j',
    async (value) => {
      const stage = await newStage()
      await spawnAt(
        stage,
        end,
        fromHandler((message) => message),
      )

      expect(await stage.asker.ask(end, value)).toEqual(value)
    },
  )

  it('is answered by who was asked, later, by ticket', async () => {
    const stage = await newStage()
    const tickets: AskTicket[] = []
    await spawnAt(
      stage,
      end,
      fromHandler((_message, ctx) => void tickets.push(ctx.defer())),
    )
    const answer = stage.asker.ask(end, 1)
    await until(() => tickets.length === 1)
    const [ticket] = tickets as [AskTicket]

    const accepted = [{ ...ticket, tag: ticket.tag ^ 1 }, ticket, ticket].map((it) =>
      stage.host.reply(it, 'late'),
    )

    expect(accepted).toEqual([false, true, false])
    expect(await answer).toBe('late')
  })

  it('ends with the deadline, and then the actor sees its signal aborted', async () => {
    const stage = await newStage()
    const signals: AbortSignal[] = []
    const handler = fromHandler((_message, ctx) => {
      signals.push(ctx.signal)
      return never()
    })
    await spawnAt(stage, end, handler, { shutdownMs: 1 })

    const error = await rejectionOf(stage.asker.ask(end, 1, { timeoutMs: 20 }))

    expect(error).toMatchObject({ code: 'ERR_ASK_TIMEOUT', mayHaveRun: true, details: { mayHaveRun: true } })
    await until(() => signals[0]?.aborted === true)
  })

  it('ends when the asker aborts it, and then the actor sees its signal aborted', async () => {
    const stage = await newStage()
    const signals: AbortSignal[] = []
    const handler = fromHandler((_message, ctx) => {
      signals.push(ctx.signal)
      return never()
    })
    await spawnAt(stage, end, handler, { shutdownMs: 1 })
    const controller = new AbortController()
    const ended = rejectionOf(stage.asker.ask(end, 1, { signal: controller.signal }))
    await until(() => signals.length === 1)

    controller.abort()

    expect(await ended).toMatchObject({ code: 'ERR_ASK_ABORTED', mayHaveRun: true })
    await until(() => signals[0]?.aborted === true)
  })

  it('whose signal is aborted before is not begun', async () => {
    const stage = await newStage()
    const handled: unknown[] = []
    await spawnAt(
      stage,
      end,
      fromHandler((message) => void handled.push(message)),
    )

    const error = await rejectionOf(stage.asker.ask(end, 'aborted', { signal: AbortSignal.abort() }))
    await stage.asker.ask(end, 'next')

    expect(error).toMatchObject({ code: 'ERR_ASK_ABORTED', mayHaveRun: false })
    expect(handled).toEqual(['next'])
  })

  it('is overloaded when the mailbox is full', async () => {
    const stage = await newStage()
    const mailbox = { messagesMax: 2 }
    await spawnAt(stage, end, fromHandler(never), { mailbox, shutdownMs: 1 })

    // One is handled, two wait.
    const asks = [1, 2, 3, 4].map((no) => rejectionOf(stage.asker.ask(end, no, { timeoutMs: 500 })))
    const first = await Promise.race(asks)

    expect(first).toMatchObject({ code: 'ERR_ASK_OVERLOADED', mayHaveRun: false })
    expect(stage.host.stats().deadLettersByReason.mailbox_full).toBeGreaterThan(0)
  })

  it('ends with the crash of the actor, and the messages behind it are handled', async () => {
    const stage = await newStage()
    const handler = fromHandler((message) => {
      if (message === 'crash') throw new Error('on purpose')
      return message
    })
    await spawnAt(stage, end, handler)

    const crashed = rejectionOf(stage.asker.ask(end, 'crash'))
    const behind = stage.asker.ask(end, 'behind')

    expect(await crashed).toMatchObject({ code: 'ERR_ASK_ACTOR_CRASHED', mayHaveRun: true })
    expect(await behind).toBe('behind')
  })

  it('is rejected with a reason and details, which are plain data', async () => {
    const stage = await newStage()
    await spawnAt(
      stage,
      end,
      fromHandler((_message, ctx) => ctx.reject('too poor', { missing: 3, of: ['gold'] })),
    )

    const error = await rejectionOf(stage.asker.ask(end, 1))

    expect(error).toMatchObject({
      code: 'ERR_ASK_REJECTED',
      message: 'too poor',
      details: { reason: 'too poor', missing: 3, of: ['gold'] },
    })
    expect(stage.host.stats()).toMatchObject({ crashes: 0, deadLetters: 0 })
  })

  it('that waits when the actor is stopped has no route; the one at hand is aborted', async () => {
    const stage = await newStage()
    let begun = 0
    const handler = fromHandler(() => {
      begun++
      return never()
    })
    const actor = await spawnAt(stage, end, handler, { shutdownMs: 1 })
    const atHand = rejectionOf(stage.asker.ask(end, 1))
    const queued = rejectionOf(stage.asker.ask(end, 2))
    await until(() => begun === 1 && stage.host.stats().actors[0]?.queued === 1)

    await actor.stop()

    expect(await atHand).toMatchObject({ code: 'ERR_ASK_ABORTED', mayHaveRun: true })
    expect(await queued).toMatchObject({ code: 'ERR_ASK_NO_ROUTE', mayHaveRun: false })
    expect(begun).toBe(1)
  })

  it('of a machine is answered by its action', async () => {
    const stage = await newStage()
    interface Add {
      readonly type: 'add'
      readonly a: number
      readonly b: number
    }
    const machine = setup({ types: { events: {} as Add } }).createMachine({
      on: { add: { actions: reply(({ event }: { event: Add }) => event.a + event.b) } },
    })
    await spawnAt(stage, end, machine)

    expect(await stage.asker.ask(end, { type: 'add', a: 2, b: 3 })).toBe(5)
  })

  it.each([{ type: 'xstate.stop' }, { type: '*' }, { type: 42 }, { type: 'add', p2p: { from: 1 } }])(
    'of a machine is rejected if it is %o',
    async (message) => {
      const stage = await newStage()
      await spawnAt(stage, end, setup({}).createMachine({}))

      const error = await rejectionOf(stage.asker.ask(end, message))

      expect(error).toMatchObject({ code: 'ERR_ASK_REJECTED', mayHaveRun: false })
      expect(stage.host.stats().actors).toMatchObject([{ state: 'idle', restarts: 0 }])
    },
  )
})
