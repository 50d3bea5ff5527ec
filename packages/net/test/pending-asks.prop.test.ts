// The table of pending asks against a model: a plain map, and arithmetic with big integers.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noRoute } from '../src/ask-failures.ts'
import type { PendingAsk } from '../src/pending-asks.ts'
import { askedEnd, newTable, type Table } from './asks.ts'

type Step =
  | { readonly kind: 'begin'; readonly timeoutMs: number }
  | { readonly kind: 'settle' | 'fail' | 'look'; readonly pick: number }
  | { readonly kind: 'wait'; readonly ms: number }

const capacity = 4
const slackMs = 4

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('begin' as const), timeoutMs: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('settle', 'fail', 'look'), pick: fc.nat() }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 40 }) }),
  },
)

/** What must be true: open asks by sequence, and how each one that ended did. */
class Model {
  readonly open = new Map<number, PendingAsk>()
  readonly ends = new Map<number, string>()
  #next: bigint

  constructor(firstSeq: number) {
    this.#next = BigInt(firstSeq)
  }

  nextSeq(): number | undefined {
    if (this.open.size === capacity) return undefined
    const taken = new Set([...this.open.keys()].map((seq) => seq % capacity))
    while (taken.has(Number(this.#next % BigInt(capacity)))) this.#advance()
    const seq = Number(this.#next)
    this.#advance()
    return seq
  }

  end(seq: number, how: string): void {
    if (this.open.delete(seq)) this.ends.set(seq, how)
  }

  #advance(): void {
    this.#next = (this.#next + 1n) % 2n ** 32n
  }
}

async function apply(it: Step, table: Table, model: Model, all: PendingAsk[]): Promise<void> {
  if (it.kind === 'begin') {
    const ask = table.begin({ timeoutMs: it.timeoutMs })
    expect(ask?.seq).toBe(model.nextSeq())
    if (ask === undefined) return
    all.push(ask)
    model.open.set(ask.seq, ask)
  } else if (it.kind === 'wait') {
    await table.clock.advanceAsync(it.ms)
    for (const ask of model.open.values()) {
      if (table.pending.get(ask.seq) === ask) expect(ask.deadlineAt).toBeGreaterThan(table.clock.mono())
      else {
        expect(ask.deadlineAt).toBeLessThanOrEqual(table.clock.mono() + slackMs)
        model.end(ask.seq, 'ERR_ASK_TIMEOUT')
      }
    }
  } else if (all.length > 0) {
    // Also asks that have ended long ago: nothing may come of those.
    const ask = all[it.pick % all.length] as PendingAsk // Within the length.
    const isOpen = model.open.has(ask.seq)
    if (it.kind === 'look') expect(table.pending.get(ask.seq)).toBe(isOpen ? ask : undefined)
    else if (it.kind === 'settle') {
      table.pending.settle(ask, 'reply')
      model.end(ask.seq, 'replied')
    } else {
      expect(table.pending.fail(ask, noRoute(askedEnd))).toBe(isOpen)
      model.end(ask.seq, 'ERR_ASK_NO_ROUTE')
    }
  }
}

describe('the table of pending asks', () => {
  it('does what a map would do, and ends every ask exactly once', async () => {
    const firstSeq = fc.constantFrom(1, 0xffff_fffa)
    await fc.assert(
      fc.asyncProperty(firstSeq, fc.array(step, { maxLength: 60 }), async (first, steps) => {
        const table = newTable(capacity, first)
        const model = new Model(first)
        const all: PendingAsk[] = []

        for (const it of steps) await apply(it, table, model, all)
        await table.clock.advanceAsync(1_000)
        for (const seq of [...model.open.keys()]) model.end(seq, 'ERR_ASK_TIMEOUT')

        const expected = [...model.ends].map(([seq, how]) => `${seq} ${how}`)
        expect([...table.ends].sort()).toEqual(expected.sort())
        expect(table.ends).toHaveLength(all.length)
        expect(table.pending.size).toBe(0)
      }),
      { numRuns: 300 },
    )
  })
})
