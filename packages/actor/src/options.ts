// Options of a spawned actor and their defaults; docs/options.md.
import { badOption, requireInteger, requireOneOf, withDefaults } from '@p2pnet/wire'

/** When a child is started again. (OTP: supervisor, child specification, restart.) */
export type RestartType = 'permanent' | 'transient' | 'temporary'

/** More than `restarts` within `withinMs` is too many. (OTP: supervisor flags, intensity and period.) */
export interface Intensity {
  /** @default 3 */
  readonly restarts: number
  /** @default 5_000 */
  readonly withinMs: number
}

/** How long a crashed child waits before it is started again: doubling from `minMs` to `maxMs`. */
export interface Backoff {
  /** Wait after the first crash of a row. @default 20 */
  readonly minMs: number
  /** Longest wait, and the wait of a crash looping child. @default 3_000 */
  readonly maxMs: number
  /** Share of the wait that chance may take off, 0 to 1. @default 0.2 */
  readonly jitter: number
  /** A run as long as this without a crash ends the row. @default 10_000 */
  readonly resetAfterMs: number
}

export interface MailboxLimits {
  /** @default 16_384 */
  readonly messagesMax: number
  /** Payload bytes and a constant per message. @default 16 MiB */
  readonly bytesMax: number
}

export interface SpawnOptions<Input = unknown> {
  /** Given to `init`, or to the machine, at every start. */
  readonly input?: Input
  /** `permanent`: always; `transient`: after a crash; `temporary`: never. @default 'transient' */
  readonly restart?: RestartType
  readonly intensity?: Partial<Intensity>
  readonly backoff?: Partial<Backoff>
  readonly mailbox?: Partial<MailboxLimits>
  /** Time for a stop; what takes longer is abandoned. @default 5_000 */
  readonly shutdownMs?: number
}

export interface ResolvedSpawnOptions {
  readonly input: unknown
  readonly restart: RestartType
  readonly intensity: Intensity
  readonly backoff: Backoff
  readonly mailbox: MailboxLimits
  readonly shutdownMs: number
}

export const defaultSpawnOptions: ResolvedSpawnOptions = Object.freeze({
  input: undefined,
  restart: 'transient',
  intensity: Object.freeze({ restarts: 3, withinMs: 5_000 }),
  backoff: Object.freeze({ minMs: 20, maxMs: 3_000, jitter: 0.2, resetAfterMs: 10_000 }),
  mailbox: Object.freeze({ messagesMax: 16_384, bytesMax: 16 * 1024 * 1024 }),
  shutdownMs: 5_000,
})

const timeoutMsMax = 0x7fffffff

/** Fills, checks and freezes. @throws OptionError `ERR_OPTION_BAD_VALUE`, `ERR_OPTION_UNKNOWN` */
export function resolveSpawnOptions(
  given: SpawnOptions | undefined,
  defaults: ResolvedSpawnOptions = defaultSpawnOptions,
  path = 'spawn',
): ResolvedSpawnOptions {
  // Most actors are spawned with the defaults, and then share them.
  if (given === undefined) return defaults
  const merged = withDefaults(path, defaults, given)
  const intensity = withDefaults(`${path}.intensity`, defaults.intensity, given?.intensity)
  const backoff = withDefaults(`${path}.backoff`, defaults.backoff, given?.backoff)
  const mailbox = resolveMailboxLimits(`${path}.mailbox`, defaults.mailbox, given?.mailbox)
  requireOneOf(`${path}.restart`, merged.restart, ['permanent', 'transient', 'temporary'])
  requireInteger(`${path}.intensity.restarts`, intensity.restarts, { min: 1 })
  requireInteger(`${path}.intensity.withinMs`, intensity.withinMs, { min: 1 })
  requireInteger(`${path}.shutdownMs`, merged.shutdownMs, { min: 0, max: timeoutMsMax })
  checkBackoff(`${path}.backoff`, backoff)
  return Object.freeze({ ...merged, intensity, backoff, mailbox })
}

/** @throws OptionError `ERR_OPTION_BAD_VALUE`, `ERR_OPTION_UNKNOWN` */
export function resolveMailboxLimits(
  path: string,
  defaults: MailboxLimits,
  given: Partial<MailboxLimits> | undefined,
): MailboxLimits {
  const mailbox = withDefaults(path, defaults, given)
  requireInteger(`${path}.messagesMax`, mailbox.messagesMax, { min: 1 })
  requireInteger(`${path}.bytesMax`, mailbox.bytesMax, { min: 1 })
  return mailbox
}

function checkBackoff(path: string, backoff: Backoff): void {
  requireInteger(`${path}.minMs`, backoff.minMs, { min: 0, max: timeoutMsMax })
  requireInteger(`${path}.maxMs`, backoff.maxMs, { min: 0, max: timeoutMsMax })
  requireInteger(`${path}.resetAfterMs`, backoff.resetAfterMs, { min: 1 })
  if (!(backoff.jitter >= 0 && backoff.jitter <= 1)) {
    throw badOption(`${path}.jitter`, backoff.jitter, 'a number from 0 to 1')
  }
  if (backoff.maxMs < backoff.minMs) {
    throw badOption(`${path}.maxMs`, backoff.maxMs, `at least minMs (${backoff.minMs})`)
  }
}
