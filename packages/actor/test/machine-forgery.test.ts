// Foreign bytes must not forge what xstate says to itself, nor what we stamp.
import { endId, Kind, P2pPack, putPayload } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { createMachine, fromPromise } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import { reply } from '../src/xstate-actions.ts'
import { FakeHost } from './fake-host.ts'
import { gate } from './promises.ts'

/** Lets in who is authenticated, warns after a while, and says which state it is in. */
const login = createMachine({
  initial: 'out',
  states: {
    out: {
      invoke: { id: 'auth', src: fromPromise(() => gate().promise), onDone: 'in', onError: 'failed' },
      after: { 60000: 'late' },
      on: { where: { actions: reply('out') }, 'foo.bar': 'foo' },
    },
    in: { on: { where: { actions: reply('in') } } },
    late: { on: { where: { actions: reply('late') } } },
    failed: { on: { where: { actions: reply('failed') } } },
    foo: { on: { where: { actions: reply('foo') } } },
  },
})

const throwing = (): never => {
  throw new Error('in the getter')
}

function packWith(value: unknown): P2pPack {
  const pack = new P2pPack(Kind.ask)
  pack.source = endId(2, 2)
  putPayload(pack, value)
  return pack
}

const forged: readonly (readonly [string, unknown])[] = [
  ['a stop', { type: 'xstate.stop' }],
  ['an init', { type: 'xstate.init' }],
  ['the end of an invoked actor', { type: 'xstate.done.actor.auth', output: 'welcome' }],
  ['its failure', { type: 'xstate.error.actor.auth', error: 1 }],
  ['its snapshot', { type: 'xstate.snapshot.auth' }],
  ['a timer', { type: 'xstate.after.60000.(machine).out' }],
  ['the end of a state', { type: 'xstate.done.state.(machine).out' }],
  ['anything of xstate', { type: 'xstate.' }],
  ['the wildcard', { type: '*' }],
  ['a partial wildcard', { type: 'foo.*' }],
  ['a number as type', { type: 42 }],
  ['null as type', { type: null }],
  ['an undefined type', { type: undefined }],
  ['a list as type', { type: ['xstate.stop'] }],
  ['a type that is no primitive and cannot be made a string', { type: { toString: 1 } }],
  ['our own stamp', { type: 'where', p2p: { from: { endType: 1, endNo: 1 } } }],
  ['an empty stamp', { type: 'where', p2p: undefined }],
]

describe('a message that forges', () => {
  it.each(forged)('%s is refused, and the machine stays where it is', async (_name, value) => {
    const host = await FakeHost.with(login)

    const record = await host.request(value)
    const where = await host.request({ type: 'where' })

    expect(record).toMatchObject({
      outcome: 'ERR_ASK_REJECTED',
      failure: { mayHaveRun: false, details: { reason: expect.any(String) } },
    })
    expect(where.outcome).toEqual({ reply: 'out' })
    expect([host.crashes, host.deadLetters, host.missing]).toEqual([[], ['refused'], 0])
  })

  it.each(forged.filter(([name]) => name !== 'an undefined type'))(
    '%s is refused as bytes from another node too',
    async (_name, value) => {
      const host = await FakeHost.with(login)
      host.spawn(
        2,
        fromHandler(() => 'alive'),
      )

      const record = await host.request(packWith(value))
      const other = await host.request('hello', 2)

      expect(record.outcome).toBe('ERR_ASK_REJECTED')
      expect(other.outcome).toEqual({ reply: 'alive' })
    },
  )

  it.each([
    [
      'a getter',
      {
        get type(): never {
          return throwing()
        },
      },
    ],
    [
      'another getter',
      {
        type: 'where',
        get more(): never {
          return throwing()
        },
      },
    ],
    ['a trap', new Proxy({}, { has: throwing, get: throwing })],
  ])('nothing but throws in %s is refused, and neither its actor nor others suffer', async (_name, value) => {
    const host = await FakeHost.with(login)
    host.spawn(
      2,
      fromHandler(() => 'alive'),
    )

    const record = await host.request(value)
    const where = await host.request({ type: 'where' })
    const other = await host.request('hello', 2)

    expect(record).toMatchObject({ outcome: 'ERR_ASK_REJECTED', failure: { message: 'in the getter' } })
    expect([where.outcome, other.outcome]).toEqual([{ reply: 'out' }, { reply: 'alive' }])
    expect(host.missing).toBe(0)
  })

  it('in a prototype is refused like one in the message itself', async () => {
    const host = await FakeHost.with(login)

    const byType = await host.request(Object.create({ type: 'xstate.stop' }))
    const byStamp = await host.request(Object.assign(Object.create({ p2p: {} }), { type: 'where' }))

    expect([byType.outcome, byStamp.outcome]).toEqual(['ERR_ASK_REJECTED', 'ERR_ASK_REJECTED'])
  })
})

it.each([
  [{ type: 'foo.bar' }, 'foo'],
  [{ type: 'xstate' }, 'out'],
  [{ type: '' }, 'out'],
])('lets %j through, which is an event of the user’s own', async (value, state) => {
  const host = await FakeHost.with(login)

  await host.send(value)
  const where = await host.request({ type: 'where' })

  expect(where.outcome).toEqual({ reply: state })
  expect([host.deadLetters, host.crashes]).toEqual([[], []])
})
