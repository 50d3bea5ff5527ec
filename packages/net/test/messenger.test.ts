import { fromHandler } from '@p2pnet/actor'
import { expect, it } from 'vitest'
import { rejectionOf, until } from '../../../test/support/until.ts'
import { startPair } from './nets.ts'

it('sends to its own end a message whose getter sends another one', async () => {
  const { one, two } = await startPair()
  const got: unknown[] = []
  for (const endNo of [1, 2]) {
    const keep = fromHandler((message) => void got.push([endNo, message]))
    two.spawn([3, endNo], keep)
  }
  await until(() => one.where([3, 2]) !== undefined)

  one.tell([3, 1], {
    get inner() {
      one.tell([3, 2], 'inner')
      return 'outer'
    },
  })
  await until(() => got.length === 2)

  expect(got).toEqual([
    [2, 'inner'],
    [1, { inner: 'outer' }],
  ])
})

it('fails the ask it is meant for although a getter in the details sends another message', async () => {
  const { one, two } = await startPair()
  const got: unknown[] = []
  one.spawn(
    [4, 1],
    fromHandler((message) => void got.push(message)),
  )
  const rejecter = fromHandler((_message, ctx) => {
    const details = {
      get inner() {
        ctx.tell([4, 1], 'inner')
        return 'outer'
      },
    }
    ctx.reject('no', { details })
  })
  two.spawn([3, 1], rejecter)
  await until(() => one.where([3, 1]) !== undefined && two.where([4, 1]) !== undefined)

  const error = await rejectionOf(one.ask([3, 1], 1))
  await until(() => got.length > 0)

  expect(error).toMatchObject({ code: 'ERR_ASK_REJECTED', details: { details: { inner: 'outer' } } })
  expect(got).toEqual(['inner'])
})
