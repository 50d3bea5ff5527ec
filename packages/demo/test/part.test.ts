import { describe, expect, it } from 'vitest'
import { Tally } from '../src/part.ts'

describe('Tally', () => {
  it('counts numbered messages by client and notices a wrong order', () => {
    const tally = new Tally()
    const client = { endType: 10, endNo: 1 }

    for (const seq of [1, 2, 4, 3]) tally.take('world', { client, seq })
    tally.take('world', { client: { ...client, endNo: 2 }, seq: 1 })
    tally.take('world', {})

    expect(tally.received().world).toEqual({ messages: 6, numbered: 5, unordered: 1 })
  })
})
