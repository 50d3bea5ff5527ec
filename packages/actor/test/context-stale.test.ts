import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import type { ActorContext } from '../src/context.ts'
import { at, FakeHost } from './fake-host.ts'
import { gate } from './promises.ts'

/** Keeps the ctx of every message, and does what the message says. */
const keeping = (kept: ActorContext[]) =>
  fromHandler((message, ctx) => {
    kept.push(ctx)
    if (message === 'crash') throw new Error('boom')
    if (message === 'crash later') return Promise.reject(new Error('boom'))
    if (message === 'hang') return gate().promise
    if (message === 'defer') ctx.defer()
    return undefined
  })

describe('the ctx of an incarnation that is gone', () => {
  it.each([
    ['tell', (ctx: ActorContext) => ctx.tell([1, 1], 'x')],
    ['ask', (ctx: ActorContext) => ctx.ask([1, 1], 'x')],
    ['defer', (ctx: ActorContext) => ctx.defer()],
    ['reject', (ctx: ActorContext) => ctx.reject('x')],
    ['stop', (ctx: ActorContext) => ctx.stop()],
  ])('throws that it is stale at %s, and the next incarnation is not touched', async (_name, call) => {
    const kept: ActorContext[] = []
    const host = await FakeHost.with(keeping(kept))
    const record = await host.request('crash')
    await host.clock.advanceAsync(20)

    expect(() => call(kept[0] as ActorContext)).toThrow(
      expect.objectContaining({ code: 'ERR_ACTOR_STALE', details: { end: '1:1' } }),
    )

    await host.clock.rest()
    expect(host.supervisor.get(at(1))?.state).toBe('idle')
    expect([host.accepted, record.ends]).toEqual([1, 1])
  })

  it('throws also after a stop', async () => {
    const kept: ActorContext[] = []
    const host = await FakeHost.with(keeping(kept))
    await host.send('hello')
    const before = (): unknown => kept[0]?.defer()
    expect(before).not.toThrow()

    await host.supervisor.stop(at(1), 'stopped')

    expect(before).toThrow(expect.objectContaining({ code: 'ERR_ACTOR_STALE' }))
  })
})

describe('ctx.signal', () => {
  const isAborted = (kept: readonly ActorContext[]): unknown => kept.map((ctx) => ctx.signal.aborted)

  it('is aborted when the asker gives up', async () => {
    const kept: ActorContext[] = []
    const host = await FakeHost.with(keeping(kept))
    await host.request('hang', 1, 100)
    const before = isAborted(kept)

    await host.clock.advanceAsync(100)

    expect([before, isAborted(kept)]).toEqual([[false], [true]])
  })

  it.each(['hang', 'defer', 'crash', 'crash later'])(
    'of the ask "%s" is aborted when the actor crashes',
    async (message) => {
      const kept: ActorContext[] = []
      const signals: AbortSignal[] = []
      const logic = fromHandler(
        (what, ctx) => {
          signals.push(ctx.signal)
          return keeping(kept).handler.handle(undefined, what, ctx)
        },
        { concurrency: 2 },
      )
      const host = await FakeHost.with(logic)
      await host.request(message)

      await host.send('crash')

      expect(signals[0]?.aborted).toBe(true)
    },
  )

  it('of a tell is aborted when the actor crashes, and the next incarnation has another', async () => {
    const kept: ActorContext[] = []
    const host = await FakeHost.with(keeping(kept))
    await host.send('hello')
    const signal = kept[0]?.signal
    const before = signal?.aborted

    await host.send('crash')
    await host.clock.advanceAsync(20)
    await host.send('hello again')

    expect([before, signal?.aborted]).toEqual([false, true])
    expect(kept[2]?.signal.aborted).toBe(false)
  })

  it.each([
    ['a crash', (host: FakeHost) => host.send('crash')],
    ['a stop', (host: FakeHost) => host.supervisor.stop(at(1), 'stopped')],
  ])('of init is aborted by %s, so that what init began can end', async (_name, end) => {
    let signal: AbortSignal | undefined
    const init = (_input: unknown, ctx: ActorContext): void => {
      signal ??= ctx.signal
    }
    const host = await FakeHost.with(fromHandler({ init, handle: () => Promise.reject(new Error('boom')) }))
    const before = signal?.aborted

    await end(host)

    expect([before, signal?.aborted]).toEqual([false, true])
  })

  it.each([
    ['a tell', (host: FakeHost) => host.send('hello')],
    ['an ask', (host: FakeHost) => host.request('hello')],
  ])('of %s is aborted when an abandoned handler looks at it for the first time', async (_name, send) => {
    const work = gate()
    const seen: boolean[] = []
    const host = await FakeHost.with(
      fromHandler(async (_message, ctx) => {
        await work.promise
        seen.push(ctx.signal.aborted)
      }),
      { shutdownMs: 10 },
    )
    await send(host)
    void host.supervisor.stop(at(1), 'stopped')
    await host.clock.advanceAsync(10)

    work.open(1)
    await host.clock.rest()

    expect(seen).toEqual([true])
  })
})
