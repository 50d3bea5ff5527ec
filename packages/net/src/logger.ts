// The logger of a net that was given none: pino, quiet, on stderr, so that programs keep their stdout.
import type { Logger } from '@p2pnet/actor'
import { destination, pino } from 'pino'

let shared: Logger | undefined

export function defaultLogger(): Logger {
  shared ??= pino({ name: 'p2pnet', level: 'warn' }, destination({ dest: 2, sync: true }))
  return shared
}
