// Checks of the options that are a user's own parts, a clock for one: whatever the net will call must be there.
// Called by options.ts, so that a part that does not fit is refused where it is given.
import { badOption } from '@p2pnet/wire'
import type { NetOptions } from './options.ts'

type Parts = Pick<
  NetOptions,
  'logger' | 'listener' | 'connListener' | 'inspect' | 'clock' | 'random' | 'links'
>

/** @throws OptionError `ERR_OPTION_BAD_VALUE` */
export function checkParts(parts: { readonly [Name in keyof Parts]: Parts[Name] | undefined }): void {
  requireMethods('logger', parts.logger, ['debug', 'info', 'warn', 'error', 'child'])
  requireMethods('listener', parts.listener, [])
  requireMethods('connListener', parts.connListener, [])
  requireMethods('clock', parts.clock, ['now', 'mono', 'setTimeout', 'clearTimeout', 'setImmediate'])
  requireMethods('links', parts.links, ['listen', 'dial'])
  requireFunction('inspect', parts.inspect)
  requireFunction('random', parts.random)
}

function requireMethods(name: string, part: unknown, methods: readonly string[]): void {
  if (part === undefined) return
  if (typeof part === 'object' && part !== null) {
    const own = part as Readonly<Record<string, unknown>> // Any object may be looked into.
    if (methods.every((method) => typeof own[method] === 'function')) return
  }
  throw badOption(name, part, methods.length > 0 ? `an object with ${methods.join(', ')}` : 'an object')
}

function requireFunction(name: string, part: unknown): void {
  if (part !== undefined && typeof part !== 'function') throw badOption(name, part, 'a function')
}
