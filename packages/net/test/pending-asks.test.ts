import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../../../test/support/until.ts'
import { noRoute, overloaded, timedOut } from '../src/ask-failures.ts'
import type { Peer } from '../src/peer.ts'
import { askedEnd, begun, newTable } from './asks.ts'

describe('sequences of pending asks', () => {
  it('count up from 1', () => {
    const table = newTable(4)

    const seqs = [table.begin()?.seq, table.begin()?.seq, table.begin()?.seq]

    expect(seqs).toEqual([1, 2, 3])
    expect(table.pending.size).toBe(3)
  })

  it('skip a slot whose ask is still pending', () => {
    const table = newTable(4)
    const asks = [begun(table.begin()), begun(table.begin()), begun(table.begin()), begun(table.begin())]
    for (const ask of asks.slice(1)) table.pending.settle(ask, 'reply')

    const seqs = [table.begin()?.seq, table.begin()?.seq, table.begin()?.seq]

    // The slot of 5 is that of 1.
    expect(seqs).toEqual([6, 7, 8])
    expect(table.pending.get(1)).toBe(asks[0])
    expect(table.pending.get(5)).toBeUndefined()
  })

  it('end when the table is full, and go on when an ask has ended', () => {
    const table = newTable(2)
    const first = begun(table.begin())
    table.begin()

    const whenFull = [table.begin(), table.begin()]
    table.pending.settle(first, 'reply')
    const afterwards = table.begin()

    expect(whenFull).toEqual([undefined, undefined])
    expect(afterwards?.seq).toBe(3)
  })

  it('wrap at 2^32', () => {
    const table = newTable(4, 0xffff_fffe)

    const asks = [table.begin(), table.begin(), table.begin(), table.begin()]

    expect(asks.map((ask) => ask?.seq)).toEqual([0xffff_fffe, 0xffff_ffff, 0, 1])
    expect(asks.map((ask) => table.pending.get(ask?.seq ?? -1))).toEqual(asks)
    expect(table.pending.get(2)).toBeUndefined()
  })
})

describe('a pending ask', () => {
  it('ends exactly once, whatever else comes', async () => {
    const table = newTable(4)
    const ask = begun(table.begin())

    table.pending.settle(ask, 'reply')
    table.pending.settle(ask, 'again')
    const failed = table.pending.fail(ask, noRoute(askedEnd))
    await table.clock.advanceAsync(10_000)

    expect(failed).toBe(false)
    expect(table.ends).toEqual(['1 replied'])
    expect(table.pending).toMatchObject({ replied: 1, failed: 0, size: 0 })
  })

  it('fails with its code and whether it may have run', () => {
    const table = newTable(4)
    const ask = begun(table.begin())

    const failed = table.pending.fail(ask, timedOut(askedEnd))
    table.pending.settle(ask, 'late')

    expect(failed).toBe(true)
    expect(table.ends).toEqual(['1 ERR_ASK_TIMEOUT'])
    expect(table.pending).toMatchObject({ replied: 0, failed: 1, size: 0 })
  })

  it('is not found by the sequence of another round of the ring', () => {
    const table = newTable(4)
    const ask = begun(table.begin())

    expect(table.pending.get(1)).toBe(ask)
    expect([table.pending.get(5), table.pending.get(0), table.pending.get(2)]).toEqual(
      Array(3).fill(undefined),
    )
  })

  it('gives back what it holds, once', () => {
    const table = newTable(4)
    const ask = begun(table.begin())
    let released = 0
    ask.release = () => {
      released++
    }

    table.pending.settle(ask, 'reply')
    table.pending.settle(ask, 'again')

    expect(released).toBe(1)
  })

  it('is counted at the peer that it waits for', () => {
    const table = newTable(4)
    const peer = { waitingAsks: 0 } as Peer // The table reads and writes nothing else of it.
    const asks = [begun(table.begin({ peer })), begun(table.begin({ peer })), begun(table.begin())]

    const before = peer.waitingAsks
    for (const ask of asks) table.pending.settle(ask, undefined)

    expect([before, peer.waitingAsks]).toEqual([2, 0])
  })

  it('that is refused counts as failed and takes no slot', async () => {
    const table = newTable(4)

    const error = await rejectionOf(table.pending.refuse(overloaded('full')))

    expect(error).toMatchObject({ code: 'ERR_ASK_OVERLOADED', mayHaveRun: false })
    expect(table.pending).toMatchObject({ failed: 1, size: 0 })
  })
})

describe('deadlines of pending asks', () => {
  it('end each ask at its own time, in whatever order they began', async () => {
    const table = newTable(8)
    for (const timeoutMs of [300, 100, 200]) table.begin({ timeoutMs })

    const endsAt: (readonly string[])[] = []
    for (let step = 0; step < 3; step++) {
      await table.clock.advanceAsync(100)
      endsAt.push(table.ends.map((end) => end.slice(0, 1)))
    }

    expect(endsAt).toEqual([['2'], ['2', '3'], ['2', '3', '1']])
  })

  it('are not early by more than the slack of the timer', async () => {
    const table = newTable(8)
    table.begin({ timeoutMs: 100 })

    await table.clock.advanceAsync(95)
    const before = [...table.ends]
    await table.clock.advanceAsync(5)

    expect(before).toEqual([])
    expect(table.ends).toEqual(['1 ERR_ASK_TIMEOUT'])
  })

  it('hold for asks that begin after others have expired', async () => {
    const table = newTable(8)
    table.begin({ timeoutMs: 10 })
    await table.clock.advanceAsync(20)

    table.begin({ timeoutMs: 10 })
    await table.clock.advanceAsync(20)

    expect(table.ends).toEqual(['1 ERR_ASK_TIMEOUT', '2 ERR_ASK_TIMEOUT'])
  })

  it('keep one timer, however many asks there are, and none after a close', async () => {
    const table = newTable(1_024)
    for (let no = 0; no < 1_000; no++) table.begin({ timeoutMs: 1_000 - no })

    const timers = table.clock.timers
    table.pending.close()

    expect([timers, table.clock.timers]).toEqual([1, 0])
  })
})
