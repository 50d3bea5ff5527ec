import { Kind, P2pPack, putPayload } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import { Message } from '../src/message.ts'
import { at, FakeHost, tester } from './fake-host.ts'
import { type Gate, gate, thrown } from './promises.ts'

/** Crashes at 'crash', else keeps what it was given. */
function recorder(seen: unknown[]) {
  return fromHandler((message) => {
    seen.push(message)
    if (message === 'crash') throw new Error('boom')
    return message
  })
}

const sentFrom = (source: number, value: unknown): P2pPack => {
  const pack = new P2pPack(Kind.tell)
  pack.source = at(source)
  putPayload(pack, value)
  return pack
}

describe('a message', () => {
  it('does not run inside the call that sends it', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))

    host.tell(tester, [1, 1], 'a')
    const inside = [...seen]
    await host.clock.rest()

    expect(inside).toEqual([])
    expect(seen).toEqual(['a'])
  })

  it('is handled in the order of sending', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))
    const values = Array.from({ length: 1_000 }, (_, index) => index)

    for (const value of values) host.tell(tester, [1, 1], value)
    await host.clock.rest()

    expect(seen).toEqual(values)
    expect(host).toMatchObject({ accepted: 1_000, delivered: 1_000, missing: 0 })
  })

  it('that came over a conn is decoded just before it is handled', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))

    host.post(at(1), Message.remote(sentFrom(2, { hello: [1] })))
    await host.clock.rest()

    expect(seen).toEqual([{ hello: [1] }])
  })

  it('that cannot be decoded is refused, and its actor neither sees it nor crashes', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))
    const pack = sentFrom(2, 'x')
    pack.payload = Buffer.from([0xc1])

    const record = await host.request(pack)
    await host.send('next')

    expect(record).toMatchObject({ outcome: 'ERR_ASK_REJECTED', failure: { mayHaveRun: false } })
    expect(host.deadLetters).toEqual(['refused'])
    expect([seen, host.crashes, host.missing]).toEqual([['next'], [], 0])
  })
})

describe('a full mailbox', () => {
  it('refuses what comes, and answers asks that they were not begun', async () => {
    const host = new FakeHost()
    host.spawn(1, recorder([]), { mailbox: { messagesMax: 2 } })
    host.tell(tester, [1, 1], 1)
    host.tell(tester, [1, 1], 2)

    const record = host.begin(at(1), 3)
    host.tell(tester, [1, 1], 4)

    expect(record).toMatchObject({ outcome: 'ERR_ASK_OVERLOADED', failure: { mayHaveRun: false } })
    expect(host.deadLetters).toEqual(['mailbox_full', 'mailbox_full'])
    expect(host).toMatchObject({ accepted: 4, inFlight: 2, missing: 0 })
  })
})

describe('an ask', () => {
  it('that expired in the mailbox is not begun', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))
    const record = host.begin(at(1), 'late', 100)

    host.clock.stall(100)
    host.clock.turn()

    expect(seen).toEqual([])
    expect(record).toMatchObject({ outcome: 'ERR_ASK_TIMEOUT', failure: { mayHaveRun: false } })
    expect(host.deadLetters).toEqual(['expired'])
  })

  it('is begun one ms before its deadline', async () => {
    const host = await FakeHost.with(recorder([]))
    const record = host.begin(at(1), 'in time', 100)

    host.clock.stall(99)
    host.clock.turn()

    expect(record.outcome).toEqual({ reply: 'in time' })
  })

  it('that nobody waits for any more is not begun', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))
    const record = host.begin(at(1), 'never mind')

    host.giveUp(record, 'ERR_ASK_ABORTED')
    await host.clock.rest()

    expect(seen).toEqual([])
    expect(record.ends).toBe(1)
    expect(host.deadLetters).toEqual(['cancelled'])
    expect(host.missing).toBe(0)
  })
})

describe('a crash', () => {
  it.each(thrown)('by %s, thrown, is reported as it is and answers the ask at hand', async (_name, error) => {
    const host = await FakeHost.with(
      fromHandler(() => {
        throw error
      }),
    )

    const record = await host.request('crash')

    expect(record).toMatchObject({ outcome: 'ERR_ASK_ACTOR_CRASHED', failure: { mayHaveRun: true } })
    expect(Object.is(host.crashes[0], error)).toBe(true)
    expect(host.missing).toBe(0)
  })

  it.each(thrown)('by %s, rejected, is reported as it is and answers the ask', async (_name, error) => {
    const host = await FakeHost.with(fromHandler(() => Promise.reject(error)))

    const record = await host.request('crash')

    expect(record).toMatchObject({ outcome: 'ERR_ASK_ACTOR_CRASHED', failure: { mayHaveRun: true } })
    expect(Object.is(host.crashes[0], error)).toBe(true)
    expect(host.missing).toBe(0)
  })

  it('keeps the queued messages for the next incarnation and does not run its own again', async () => {
    const seen: unknown[] = []
    const host = await FakeHost.with(recorder(seen))
    for (const value of ['a', 'crash', 'b', 'c']) host.tell(tester, [1, 1], value)
    const queued = host.begin(at(1), 'd')

    await host.clock.rest()
    const whileBackingOff = [...seen, host.supervisor.get(at(1))?.state, host.inFlight, host.missing]
    await host.clock.advanceAsync(20)

    expect(whileBackingOff).toEqual(['a', 'crash', 'backing off', 3, 0])
    expect(seen).toEqual(['a', 'crash', 'b', 'c', 'd'])
    expect(queued.outcome).toEqual({ reply: 'd' })
    expect(host.deadLetters).toEqual(['crashed'])
    expect(host.missing).toBe(0)
  })

  it('ends every other ask that is open in its incarnation', async () => {
    const gates: Gate[] = []
    const host = await FakeHost.with(
      fromHandler(
        (message, ctx) => {
          if (message === 'defer') return ctx.defer()
          if (message === 'crash') throw new Error('boom')
          gates.push(gate())
          return gates.at(-1)?.promise
        },
        { concurrency: 9 },
      ),
    )
    const records = ['work', 'defer', 'work', 'crash'].map((value) => host.begin(at(1), value))

    await host.clock.rest()
    for (const late of gates) late.open('late')
    await host.clock.rest()

    expect(records.map((record) => [record.outcome, record.ends])).toEqual(
      records.map(() => ['ERR_ASK_ACTOR_CRASHED', 1]),
    )
    expect(host.deadLetters).toEqual(['crashed', 'crashed', 'crashed'])
    expect(host).toMatchObject({ delivered: 1, missing: 0 })
  })

  it('of a message that was given up long ago is nobody’s business any more', async () => {
    const work = gate()
    const host = await FakeHost.with(
      fromHandler((message) => (message === 'work' ? work.promise : Promise.reject(new Error('boom'))), {
        concurrency: 2,
      }),
    )
    await host.send('work')
    await host.send('crash')

    work.break(new Error('late'))
    await host.clock.advanceAsync(100)

    expect(host.crashes).toEqual([new Error('boom')])
    expect(host.supervisor.get(at(1))?.state).toBe('idle')
  })
})
