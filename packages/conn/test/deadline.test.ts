import { expect, it } from 'vitest'
import { type DeadlineInput, nextDeadline } from '../src/deadline.ts'

const input: DeadlineInput = {
  nowMs: 10_000,
  drainUntil: 0,
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
  ['keeps what is left of a drain', 12_000, 12_000],
  ['has a second at the least when less of a drain is left', 10_400, 11_000],
  ['has a second when the drain was over', 9_000, 11_000],
  ['has a second when nothing was drained', 0, 11_000],
])('a goodbye %s', (_, drainUntil, expected) => {
  expect(nextDeadline('goodbye', { ...input, drainUntil })).toBe(expected)
})
