import { fromHandler } from '@p2pnet/actor'
import { expect, it } from 'vitest'
import { until } from '../../../test/support/until.ts'
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
