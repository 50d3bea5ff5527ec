import { Kind, P2pPack } from '@p2pnet/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Mailbox } from '../src/mailbox.ts'
import { Message } from '../src/message.ts'
import { tester } from './fake-host.ts'

/** What a message counts for besides its payload. */
const overhead = Message.local(tester, 0).bytes
const roomy = { messagesMax: 1_000, bytesMax: 1_000_000 }

function packOf(payloadBytes: number): Message {
  const pack = new P2pPack(Kind.tell)
  pack.payload = new Uint8Array(payloadBytes)
  return Message.remote(pack)
}

const drain = (mailbox: Mailbox): unknown[] => {
  const values = []
  for (let message = mailbox.shift(); message !== undefined; message = mailbox.shift())
    values.push(message.value)
  return values
}

it('takes as many messages as its limit and not one more', () => {
  const mailbox = new Mailbox({ messagesMax: 3, bytesMax: 1_000_000 })

  const taken = [1, 2, 3, 4].map((value) => mailbox.push(Message.local(tester, value)))

  expect(taken).toEqual([true, true, true, false])
  expect(mailbox.size).toBe(3)
  expect(drain(mailbox)).toEqual([1, 2, 3])
})

it('takes as many bytes as its limit and not one more', () => {
  const mailbox = new Mailbox({ messagesMax: 100, bytesMax: 2 * overhead + 50 })
  mailbox.push(packOf(20))

  const oneTooMany = mailbox.push(packOf(31))
  const exactlyFull = mailbox.push(packOf(30))

  expect(oneTooMany).toBe(false)
  expect(exactlyFull).toBe(true)
  expect(mailbox.bytes).toBe(2 * overhead + 50)
})

it('counts a local message by the constant that every message costs', () => {
  const mailbox = new Mailbox({ messagesMax: 100, bytesMax: 2 * overhead })

  const taken = [1, 2, 3].map((value) => mailbox.push(Message.local(tester, value)))

  expect(taken).toEqual([true, true, false])
})

it('has room again once a message is taken out', () => {
  const mailbox = new Mailbox({ messagesMax: 1, bytesMax: overhead })
  mailbox.push(Message.local(tester, 1))

  mailbox.shift()

  expect(mailbox.bytes).toBe(0)
  expect(mailbox.push(Message.local(tester, 2))).toBe(true)
})

it('keeps the order while its ring grows with the head in the middle', () => {
  const mailbox = new Mailbox(roomy)
  for (let value = 0; value < 16; value++) mailbox.push(Message.local(tester, value))
  for (let value = 0; value < 10; value++) mailbox.shift()

  for (let value = 16; value < 100; value++) mailbox.push(Message.local(tester, value))

  expect(drain(mailbox)).toEqual(Array.from({ length: 90 }, (_, index) => index + 10))
})

it('works on after it has been emptied of a burst', () => {
  const mailbox = new Mailbox(roomy)
  for (let value = 0; value < 100; value++) mailbox.push(Message.local(tester, value))
  drain(mailbox)

  mailbox.push(Message.local(tester, 'after'))

  expect(drain(mailbox)).toEqual(['after'])
  expect(mailbox.shift()).toBeUndefined()
})

it('marks a message as queued exactly while it is inside', () => {
  const mailbox = new Mailbox({ messagesMax: 1, bytesMax: 1_000 })
  const inside = Message.local(tester, 1)
  const refused = Message.local(tester, 2)

  mailbox.push(inside)
  mailbox.push(refused)
  const whileInside = [inside.isQueued, refused.isQueued]
  mailbox.shift()

  expect(whileInside).toEqual([true, false])
  expect(inside.isQueued).toBe(false)
})

it('behaves as an array with two bounds, whatever is pushed and shifted', () => {
  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.integer({ min: 0, max: 400 }) }) },
    { weight: 2, arbitrary: fc.constant('shift' as const) },
  )
  const limits = fc.record({
    messagesMax: fc.integer({ min: 1, max: 40 }),
    bytesMax: fc.integer({ min: 1, max: 8_000 }),
  })
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), limits, (operations, bounds) => {
      const mailbox = new Mailbox(bounds)
      const model: Message[] = []
      const bytes = (): number => model.reduce((sum, message) => sum + message.bytes, 0)

      for (const next of operations) {
        if (next === 'shift') {
          expect(mailbox.shift()).toBe(model.shift())
        } else {
          const message = packOf(next.push)
          const fits = model.length < bounds.messagesMax && bytes() + message.bytes <= bounds.bytesMax
          expect(mailbox.push(message)).toBe(fits)
          if (fits) model.push(message)
        }
        expect([mailbox.size, mailbox.bytes]).toEqual([model.length, bytes()])
      }
    }),
  )
})
