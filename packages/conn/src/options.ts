// The limits of a conn, by link class, and their defaults: limits.md of the design, docs/options.md.
import {
  badOption,
  type PayloadLimits,
  payloadDepthCeiling,
  requireInteger,
  withDefaults,
} from '@p2pnet/wire'

/** How large a payload may be inside. */
export interface PayloadOptions {
  /** Nesting of maps and arrays, 1 to 128. @default 16 for clients, 32 for nodes */
  readonly depthMax?: number
  /** Values in all. @default 4_096 for clients, 50_000 for nodes */
  readonly nodesMax?: number
  /** Entries of one map. @default 256 for clients, 2_000 for nodes */
  readonly keysMax?: number
}

/** Limits of every conn of one link class. */
export interface ConnOptions {
  /** Largest frame, bytes after its length field. @default 65_536 for clients, 1_048_576 for nodes */
  readonly frameBytesMax?: number
  /** Time from connected to open. @default 5_000 for clients, 10_000 for nodes */
  readonly registerTimeoutMs?: number
  /** Silence after which we ping. @default 15_000 for clients, 5_000 for nodes */
  readonly pingAfterMs?: number
  /** Silence after which the peer is dead, more than twice `pingAfterMs`. @default 45_000 for clients, 13_000 for nodes */
  readonly deadAfterMs?: number
  /** Unsent bytes above which new work is refused (node) or the conn is closed (client). @default 1 MiB for clients, 16 MiB for nodes */
  readonly writeQueueBytesMax?: number
  /** Asks of one peer that are being worked on. @default 100 for clients, 10_000 for nodes */
  readonly asksMax?: number
  readonly payload?: PayloadOptions
}

export interface ResolvedConnOptions extends Required<Omit<ConnOptions, 'payload'>> {
  readonly payload: PayloadLimits
}

export const defaultClientOptions: ResolvedConnOptions = Object.freeze({
  frameBytesMax: 64 * 1024,
  registerTimeoutMs: 5_000,
  pingAfterMs: 15_000,
  deadAfterMs: 45_000,
  writeQueueBytesMax: 1024 * 1024,
  asksMax: 100,
  payload: Object.freeze({ depthMax: 16, nodesMax: 4_096, keysMax: 256 }),
})

export const defaultNodeOptions: ResolvedConnOptions = Object.freeze({
  frameBytesMax: 1024 * 1024,
  registerTimeoutMs: 10_000,
  pingAfterMs: 5_000,
  deadAfterMs: 13_000,
  writeQueueBytesMax: 16 * 1024 * 1024,
  asksMax: 10_000,
  payload: Object.freeze({ depthMax: 32, nodesMax: 50_000, keysMax: 2_000 }),
})

/** No frame is larger, whatever the options say: its length has a zero top byte. */
export const frameBytesCeiling = 0xffffff
const frameBytesFloor = 1_024

/** Fills, checks and freezes. @throws OptionError `ERR_OPTION_BAD_VALUE`, `ERR_OPTION_UNKNOWN` */
export function resolveConnOptions(
  path: string,
  defaults: ResolvedConnOptions,
  given: ConnOptions | undefined,
): ResolvedConnOptions {
  const merged = withDefaults(path, defaults, given)
  const payload = withDefaults(`${path}.payload`, defaults.payload, given?.payload)
  requireInteger(`${path}.frameBytesMax`, merged.frameBytesMax, {
    min: frameBytesFloor,
    max: frameBytesCeiling,
  })
  requireInteger(`${path}.registerTimeoutMs`, merged.registerTimeoutMs, { min: 1, max: 3_600_000 })
  requireInteger(`${path}.pingAfterMs`, merged.pingAfterMs, { min: 1 })
  requireInteger(`${path}.deadAfterMs`, merged.deadAfterMs, { min: 1, max: 0xffffffff })
  requireInteger(`${path}.writeQueueBytesMax`, merged.writeQueueBytesMax, { min: 1 })
  requireInteger(`${path}.asksMax`, merged.asksMax, { min: 1, max: 0xffffffff })
  requireInteger(`${path}.payload.depthMax`, payload.depthMax, { min: 1, max: payloadDepthCeiling })
  requireInteger(`${path}.payload.nodesMax`, payload.nodesMax, { min: 1 })
  requireInteger(`${path}.payload.keysMax`, payload.keysMax, { min: 1 })
  // One lost ping must not kill a healthy peer.
  if (merged.deadAfterMs <= 2 * merged.pingAfterMs) {
    throw badOption(
      `${path}.deadAfterMs`,
      merged.deadAfterMs,
      `more than twice pingAfterMs (${merged.pingAfterMs})`,
    )
  }
  // A queue that cannot take one frame would refuse legal work for ever.
  if (merged.writeQueueBytesMax < merged.frameBytesMax) {
    throw badOption(
      `${path}.writeQueueBytesMax`,
      merged.writeQueueBytesMax,
      `at least frameBytesMax (${merged.frameBytesMax})`,
    )
  }
  return Object.freeze({ ...merged, payload: Object.freeze(payload) })
}
