import { describe, expect, it } from 'vitest'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost } from './fake-host.ts'
import { type Gate, gate } from './promises.ts'

describe('a handler', () => {
  it('answers with what it returns, now or later', async () => {
    const host = await FakeHost.with(fromHandler((message) => message))

    const sync = await host.request({ n: 1 })
    const later = await host.request(Promise.resolve({ n: 2 }))

    expect([sync.outcome, later.outcome]).toEqual([{ reply: { n: 1 } }, { reply: { n: 2 } }])
  })

  it.each([
    ['nothing', () => {}],
    ['a promise of nothing', async () => {}],
  ])('that returns %s answers undefined', async (_name, handle) => {
    const host = await FakeHost.with(fromHandler(handle))

    const record = await host.request('hello')

    expect(record).toMatchObject({ ends: 1, outcome: { reply: undefined } })
  })

  it('that is async has one message under way at a time', async () => {
    const gates: Gate[] = []
    const host = await FakeHost.with(
      fromHandler(() => {
        gates.push(gate())
        return gates.at(-1)?.promise
      }),
    )
    const records = [1, 2, 3].map((value) => host.begin(at(1), value))

    await host.clock.rest()
    const first = [gates.length, host.inFlight]
    gates[0]?.open('one')
    await host.clock.rest()

    expect(first).toEqual([1, 3])
    expect([gates.length, host.inFlight, host.missing]).toEqual([2, 2, 0])
    expect(records.map((record) => record.outcome)).toEqual([{ reply: 'one' }, 'open', 'open'])
  })

  it('has as many under way as its concurrency, and each gets its own answer', async () => {
    const gates: Gate[] = []
    const host = await FakeHost.with(
      fromHandler(
        () => {
          gates.push(gate())
          return gates.at(-1)?.promise
        },
        { concurrency: 2 },
      ),
    )
    const records = [1, 2, 3].map((value) => host.begin(at(1), value))

    await host.clock.rest()
    const begun = gates.length
    gates[1]?.open('two')
    await host.clock.rest()
    gates[2]?.open('three')
    await host.clock.rest()

    expect(begun).toBe(2)
    expect(records.map((record) => record.outcome)).toEqual(['open', { reply: 'two' }, { reply: 'three' }])
  })
})

/** An object with this method `then`, which linters rightly find suspicious. */
const thenable = (then: unknown): object => Object.defineProperty({}, 'then', { value: then })

describe('a thenable that misbehaves', () => {
  const getter = Object.defineProperty({}, 'then', {
    get: () => {
      throw new Error('in the getter')
    },
  })
  const thrower = thenable(() => {
    throw new Error('in then')
  })

  it.each([
    ['throws when it is looked at', getter],
    ['throws when it is awaited', thrower],
  ])('and %s crashes its actor and nothing else', async (_name, returned) => {
    const host = await FakeHost.with(fromHandler(() => returned))
    host.spawn(
      2,
      fromHandler(() => 'fine'),
    )

    const record = await host.request('crash')
    const other = await host.request('hello', 2)

    expect(record.outcome).toBe('ERR_ASK_ACTOR_CRASHED')
    expect(other.outcome).toEqual({ reply: 'fine' })
    expect(host.missing).toBe(0)
  })

  it('and ends twice is an answer once', async () => {
    const twice = thenable((resolve: (value: string) => void, reject: (error: Error) => void) => {
      resolve('first')
      resolve('second')
      reject(new Error('third'))
    })
    const host = await FakeHost.with(fromHandler(() => twice))

    const record = await host.request('hello')

    expect(record).toMatchObject({ ends: 1, outcome: { reply: 'first' } })
    expect([host.delivered, host.crashes, host.missing]).toEqual([1, [], 0])
  })
})

describe('the state', () => {
  const counter = fromHandler({
    init: (input: number) => ({ count: input }),
    handle: (state, message) => {
      if (message === 'crash') throw new Error('boom')
      state.count++
      return state.count
    },
  })

  it('is made of the input and kept between messages', async () => {
    const host = await FakeHost.with(counter, { input: 10 })

    const replies = [await host.request('a'), await host.request('b')]

    expect(replies.map((record) => record.reply)).toEqual([11, 12])
  })

  it('is made anew at every start', async () => {
    const host = await FakeHost.with(counter, { input: 10 })
    await host.request('a')

    await host.send('crash')
    await host.clock.advanceAsync(20)
    const after = await host.request('b')

    expect(after.reply).toBe(11)
  })
})
