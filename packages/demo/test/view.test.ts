import { describe, expect, it } from 'vitest'
import { summaryText } from '../src/presenters.ts'
import { noReport, type Report, type Role } from '../src/protocol.ts'
import { summarize } from '../src/view.ts'

const facts = { durationMs: 6_000, clients: 24 }

const reports = (robots: Partial<Report>, arena: Partial<Report> = {}) =>
  new Map<Role, Report>([
    ['robots', { ...noReport, ...robots }],
    ['arena', { ...noReport, ...arena }],
  ])

describe('summarize', () => {
  it('compares what was sent with what was counted where it arrived', () => {
    const world = { messages: 11, numbered: 9, unordered: 0 }

    const summary = summarize(reports({ sent: { world: 10 } }, { received: { world } }), facts)

    expect(summary).toMatchObject({ sent: 10, messages: 9, lostMessages: 1, isOk: false })
  })

  it('calls an ask lost that has neither an answer nor a code', () => {
    const asks = { begun: 10, answered: 6, endedBy: { ERR_ASK_ACTOR_CRASHED: 2, ERR_ASK_TIMEOUT: 1 } }

    const summary = summarize(reports({ asks }), facts)

    expect(summary).toMatchObject({
      asks: 10,
      asksAnswered: 6,
      asksEndedByCrash: 2,
      lostAsks: 1,
      isOk: false,
    })
    expect(summary.asksEndedOtherwise).toEqual({ ERR_ASK_TIMEOUT: 1 })
    expect(summaryText(summary).at(-1)).toBe('  lost asks 1')
  })

  it('does not call a message lost whose ask ended with an error', () => {
    const asks = { begun: 2, answered: 1, endedBy: { ERR_ASK_TIMEOUT: 1 } }
    const world = { messages: 1, numbered: 1, unordered: 0 }

    const summary = summarize(reports({ asks, sent: { world: 2 } }, { received: { world } }), facts)

    expect(summary).toMatchObject({ lostMessages: 0, lostAsks: 0, isOk: true })
  })
})
