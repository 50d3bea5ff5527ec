import { expect, it } from 'vitest'
import { type DeadlineInput, nextDeadline } from '../src/deadline.ts'

const input: DeadlineInput = {
  nowMs: 10_000,
  current: 12_000,
  dialTimeoutMs: 8_000,
  registerTimeoutMs: 5_000,
  drainTimeoutMs: 3_000,
}

it.each([
  ['dial', 18_000],
  ['register', 15_000],
  ['drain', 13_000],
  ['none', Number.POSITIVE_INFINITY],
] as const)('gives %s its own time from now on', (name, expected) => {
  expect(nextDeadline(name, input)).toBe(expected)
})

it.each([
  ['keeps what is left of a longer deadline', 12_000, 12_000],
  ['has a second at the least when less is left', 10_400, 11_000],
  ['has a second when the deadline was over', 9_000, 11_000],
  ['has a second when there was no deadline', Number.POSITIVE_INFINITY, 11_000],
])('a goodbye %s', (_, current, expected) => {
  expect(nextDeadline('goodbye', { ...input, current })).toBe(expected)
})
