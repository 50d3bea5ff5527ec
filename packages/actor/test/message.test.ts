import { endId, Kind, P2pPack } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { Message, OpenAsk } from '../src/message.ts'
import { at, tester } from './fake-host.ts'

const anAsk = (): OpenAsk =>
  new OpenAsk({ from: tester, asked: at(7), callTag: 3, callSeq: 4, deadlineAt: 5_000 })

describe('a message', () => {
  it('is the very value of a local sender', () => {
    const value = { hello: 1 }

    const message = Message.local(tester, value)

    expect(message.value).toBe(value)
    expect(message).toMatchObject({ from: tester, ask: undefined, pack: undefined, isQueued: false })
  })

  it('keeps the pack of a remote one and comes from its source', () => {
    const pack = new P2pPack(Kind.ask)
    pack.source = endId(3, 4)
    const ask = anAsk()

    const message = Message.remote(pack, ask)

    expect(message).toMatchObject({ from: endId(3, 4), ask, pack, value: undefined })
  })

  it('weighs its payload more than a local one', () => {
    const pack = new P2pPack(Kind.tell)
    pack.payload = new Uint8Array(1_000)

    const more = Message.remote(pack).bytes - Message.local(tester, 'x'.repeat(1_000)).bytes

    expect(more).toBe(1_000)
  })
})

describe('an open ask', () => {
  it('has a ticket of plain data', () => {
    const ask = anAsk()
    ask.id = 12

    const ticket = ask.ticket(77)

    expect(ticket).toEqual({ end: { endType: 1, endNo: 7 }, tag: 77, ask: 12 })
    expect(JSON.parse(JSON.stringify(ticket))).toEqual(ticket)
  })

  it('aborts the signal that was looked at before', () => {
    const ask = anAsk()
    const { signal } = ask

    const before = signal.aborted
    ask.abort()

    expect([before, signal.aborted]).toEqual([false, true])
    expect(ask.signal).toBe(signal)
  })

  it('gives an aborted signal to who looks only after the ask has ended', () => {
    const ask = anAsk()
    ask.isSettled = true
    ask.abort()

    expect(ask.signal.aborted).toBe(true)
  })
})
