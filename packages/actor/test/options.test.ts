import { OptionError } from '@p2pnet/wire'
import { expect, it } from 'vitest'
import { defaultSpawnOptions, resolveMailboxLimits, resolveSpawnOptions } from '../src/options.ts'

const thrownBy = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

it('gives the defaults when nothing is said', () => {
  expect(resolveSpawnOptions(undefined)).toEqual(defaultSpawnOptions)
  expect(resolveSpawnOptions({})).toEqual({
    input: undefined,
    restart: 'transient',
    intensity: { restarts: 3, withinMs: 5_000 },
    backoff: { minMs: 20, maxMs: 3_000, jitter: 0.2, resetAfterMs: 10_000 },
    mailbox: { messagesMax: 16_384, bytesMax: 16 * 1024 * 1024 },
    shutdownMs: 5_000,
  })
})

it('keeps what is said and fills the rest, in groups too', () => {
  const input = { room: 1 }

  const resolved = resolveSpawnOptions({ input, intensity: { restarts: 9 }, backoff: { minMs: 5 } })

  expect(resolved.input).toBe(input)
  expect(resolved.intensity).toEqual({ restarts: 9, withinMs: 5_000 })
  expect(resolved.backoff).toEqual({ ...defaultSpawnOptions.backoff, minMs: 5 })
})

it('takes an explicit undefined as not said', () => {
  expect(resolveSpawnOptions({ restart: undefined as never })).toEqual(defaultSpawnOptions)
})

it('freezes what it gives', () => {
  expect(Object.isFrozen(resolveSpawnOptions({ restart: 'permanent' }))).toBe(true)
  expect(Object.isFrozen(resolveSpawnOptions(undefined))).toBe(true)
})

it('fills with the defaults of a net where there are some', () => {
  const defaults = { ...defaultSpawnOptions, mailbox: { messagesMax: 7, bytesMax: 70 } }

  const resolved = resolveSpawnOptions({ mailbox: { bytesMax: 71 } }, defaults)

  expect(resolved.mailbox).toEqual({ messagesMax: 7, bytesMax: 71 })
})

it.each([
  ['spawn.restart', { restart: 'always' }],
  ['spawn.intensity', { intensity: 3 }],
  ['spawn.intensity.restarts', { intensity: { restarts: 0 } }],
  ['spawn.intensity.withinMs', { intensity: { withinMs: 0.5 } }],
  ['spawn.backoff.minMs', { backoff: { minMs: -1 } }],
  ['spawn.backoff.maxMs', { backoff: { maxMs: 2 ** 31 } }],
  ['spawn.backoff.maxMs', { backoff: { minMs: 100, maxMs: 99 } }],
  ['spawn.backoff.jitter', { backoff: { jitter: 1.01 } }],
  ['spawn.backoff.jitter', { backoff: { jitter: Number.NaN } }],
  ['spawn.backoff.resetAfterMs', { backoff: { resetAfterMs: 0 } }],
  ['spawn.mailbox.messagesMax', { mailbox: { messagesMax: 0 } }],
  ['spawn.mailbox.bytesMax', { mailbox: { bytesMax: 0 } }],
  ['spawn.shutdownMs', { shutdownMs: -1 }],
  ['spawn.shutdownMs', { shutdownMs: 2 ** 31 }],
])('refuses a bad %s: %j', (option, given) => {
  const error = thrownBy(() => resolveSpawnOptions(given as never))

  expect(error).toBeInstanceOf(OptionError)
  expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE', details: { option } })
})

it.each([
  [{ restart: 'permanent', backoff: { minMs: 100, maxMs: 100 } }],
  [{ shutdownMs: 0 }],
  [{ shutdownMs: 2 ** 31 - 1 }],
  [{ backoff: { jitter: 0 } }],
  [{ backoff: { jitter: 1 } }],
  [{ mailbox: { messagesMax: 1, bytesMax: 1 } }],
  [{ intensity: { restarts: 1, withinMs: 1 } }],
])('takes what is just allowed: %j', (given) => {
  expect(resolveSpawnOptions(given as never)).toMatchObject(given)
})

it.each([
  ['spawn.restarts', { restarts: 'permanent' }],
  ['spawn.backoff.min', { backoff: { min: 1 } }],
])('refuses the unknown option %s', (option, given) => {
  const error = thrownBy(() => resolveSpawnOptions(given as never))

  expect(error).toMatchObject({ code: 'ERR_OPTION_UNKNOWN', details: { option } })
})

it('names the path it is given for mailbox limits that stand elsewhere', () => {
  const bad = { messagesMax: 1.5 }

  const error = thrownBy(() => resolveMailboxLimits('limits.mailbox', defaultSpawnOptions.mailbox, bad))

  expect(error).toMatchObject({ details: { option: 'limits.mailbox.messagesMax' } })
})
