// Checks that every package's `resolve…Options` shares. Each throws an `OptionError` that names the option,
// its value and what is allowed, so that a bad option never surfaces later as something else.
import { OptionError } from './errors.ts'

export interface IntegerRange {
  readonly min: number
  readonly max?: number
}

/** Merges defaults with what the user gave; an explicit `undefined` counts as not given. */
export function withDefaults<T extends object>(path: string, defaults: T, given: object | undefined): T {
  if (given !== undefined && (typeof given !== 'object' || given === null)) {
    throw badOption(path, given, 'an object')
  }
  const merged = { ...defaults } as Record<string, unknown> // A copy, filled name by name.
  for (const [name, value] of Object.entries(given ?? {})) {
    if (!Object.hasOwn(defaults, name)) throw unknownOption(path, name, Object.keys(defaults))
    if (value !== undefined) merged[name] = value
  }
  return merged as T // Every key of `defaults` is there, and no other.
}

export function requireInteger(name: string, value: unknown, range: IntegerRange): void {
  const max = range.max ?? Number.MAX_SAFE_INTEGER
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= range.min && value <= max) return
  throw badOption(name, value, `an integer from ${range.min} to ${max}`)
}

export function requireOneOf(name: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === 'string' && allowed.includes(value)) return
  throw badOption(name, value, `one of ${allowed.join(', ')}`)
}

export function badOption(name: string, value: unknown, allowed: string): OptionError {
  return new OptionError('ERR_OPTION_BAD_VALUE', `${name} is ${show(value)}, allowed is ${allowed}`, {
    details: { option: name, value: show(value), allowed },
  })
}

function unknownOption(path: string, name: string, allowed: readonly string[]): OptionError {
  return new OptionError(
    'ERR_OPTION_UNKNOWN',
    `${path} has no option ${name}, allowed is ${allowed.join(', ')}`,
    {
      details: { option: `${path}.${name}`, allowed },
    },
  )
}

/** A short text of any value: options come from users, so they may be anything. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 80))
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object'
  return String(value).slice(0, 80)
}
