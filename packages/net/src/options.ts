// The options of a net, filled, checked and frozen once; docs/options.md has the same tables.
import {
  type Backoff,
  defaultSpawnOptions,
  type Intensity,
  type Logger,
  type MailboxLimits,
  type ResolvedSpawnOptions,
  resolveMailboxLimits,
  resolveSpawnOptions,
} from '@p2pnet/actor'
import {
  type ConnListener,
  type ConnOptions,
  defaultClientOptions,
  defaultNodeOptions,
  isLoopbackHost,
  type LinkFactory,
  type ResolvedConnOptions,
  resolveConnOptions,
  tcpLinks,
} from '@p2pnet/conn'
import {
  badOption,
  type Clock,
  type EndId,
  type EndLike,
  endId,
  type LinkClass,
  OptionError,
  type Random,
  requireInteger,
  requireOneOf,
  systemClock,
  systemRandom,
  toEndId,
  withDefaults,
} from '@p2pnet/wire'
import type { InspectionEvent } from 'xstate'
import { defaultLogger } from './logger.ts'
import type { P2pListener } from './p2p-listener.ts'
import { checkParts } from './part-checks.ts'

/** A client may name its type alone; its gateway then gives it a number. */
export type OwnEnd = EndLike | { readonly endType: number }

export interface ListenOptions {
  /** Without a secret only loopback. @default '127.0.0.1' */
  readonly host?: string
  /** 0 takes a free one. @default 0 */
  readonly port?: number
  /** Who may dial this port. @default 'node' */
  readonly links?: LinkClass
  /** The secret of this port; of client ports beside node ports the only one. */
  readonly secret?: string
}

export interface LimitOptions {
  readonly client?: ConnOptions
  readonly node?: ConnOptions
  /** Defaults of every spawned actor's mailbox. */
  readonly mailbox?: Partial<MailboxLimits>
  /** Asks of this node that wait for an answer, a power of two. @default 65_536 */
  readonly asksMax?: number
  /** Ends known from peers. @default 262_144 */
  readonly routesMax?: number
}

export interface NetOptions {
  /** This node's own end, e.g. `[1, 1]`. */
  readonly end: OwnEnd
  /** Where to listen: one place, several, or none. */
  readonly listen?: ListenOptions | readonly ListenOptions[]
  /** The shared secret of all nodes of one net. Without it only loopback may be bound or dialled. */
  readonly secret?: string
  readonly limits?: LimitOptions
  /** Defaults of every spawned actor's restarts. */
  readonly restarts?: { readonly intensity?: Partial<Intensity>; readonly backoff?: Partial<Backoff> }
  /** A pino logger, or one of its shape. @default pino at level warn, on stderr */
  readonly logger?: Logger
  readonly listener?: P2pListener
  readonly connListener?: ConnListener
  /** Observes the whole actor tree as xstate's inspectors do. */
  readonly inspect?: (event: InspectionEvent) => void
  /** Time for connecting alone. @default 8_000 */
  readonly dialTimeoutMs?: number
  readonly clock?: Clock
  readonly random?: Random
  readonly links?: LinkFactory
}

export interface ResolvedListen {
  readonly host: string
  readonly port: number
  readonly links: LinkClass
  readonly secret: string | undefined
}

export interface ResolvedNetOptions {
  /** Undefined until a gateway has given the number. */
  readonly end: EndId | undefined
  readonly endType: number
  readonly listen: readonly ResolvedListen[]
  readonly secret: string | undefined
  readonly conn: Readonly<Record<LinkClass, ResolvedConnOptions>>
  readonly spawn: ResolvedSpawnOptions
  readonly asksMax: number
  readonly routesMax: number
  readonly logger: Logger
  readonly listener: P2pListener
  readonly connListener: ConnListener | undefined
  readonly inspect: ((event: InspectionEvent) => void) | undefined
  readonly dialTimeoutMs: number
  readonly clock: Clock
  readonly random: Random
  readonly links: LinkFactory
}

const defaultNetOptions = {
  end: undefined as unknown,
  listen: undefined as NetOptions['listen'],
  secret: undefined as string | undefined,
  limits: undefined as LimitOptions | undefined,
  restarts: undefined as NetOptions['restarts'],
  logger: undefined as Logger | undefined,
  listener: undefined as P2pListener | undefined,
  connListener: undefined as ConnListener | undefined,
  inspect: undefined as NetOptions['inspect'],
  dialTimeoutMs: 8_000,
  clock: systemClock,
  random: systemRandom,
  links: tcpLinks,
}

const defaultLimits = {
  client: undefined as ConnOptions | undefined,
  node: undefined as ConnOptions | undefined,
  mailbox: undefined as Partial<MailboxLimits> | undefined,
  asksMax: 65_536,
  routesMax: 262_144,
}

/** An hour: timers of Node fire at once beyond 2^31 ms, and these are added up. */
const dialTimeoutMsMax = 3_600_000

/** Fills, checks and freezes. @throws OptionError `ERR_OPTION_BAD_VALUE`, `ERR_OPTION_UNKNOWN`, `ERR_OPTION_SECRET_REQUIRED` */
export function resolveNetOptions(given: NetOptions): ResolvedNetOptions {
  const merged = withDefaults('createP2pNet', defaultNetOptions, given)
  const limits = withDefaults('limits', defaultLimits, merged.limits)
  const mailbox = resolveMailboxLimits('limits.mailbox', defaultSpawnOptions.mailbox, limits.mailbox)
  const restarts = withDefaults('restarts', { intensity: {}, backoff: {} }, merged.restarts)
  requireInteger('dialTimeoutMs', merged.dialTimeoutMs, { min: 1, max: dialTimeoutMsMax })
  requireInteger('limits.routesMax', limits.routesMax, { min: 1 })
  checkAsksMax(limits.asksMax)
  checkSecret('secret', merged.secret)
  checkParts(merged)
  const end = resolveOwnEnd(merged.end)
  const listen = resolveListen(merged.listen, merged.secret)
  if (end.end === undefined && listen.length > 0)
    throw badOption('end', merged.end, 'an end with a number, because of the option listen')
  return Object.freeze({
    ...merged,
    ...end,
    listen,
    conn: {
      client: resolveConnOptions('limits.client', defaultClientOptions, limits.client),
      node: resolveConnOptions('limits.node', defaultNodeOptions, limits.node),
    },
    spawn: { ...resolveSpawnOptions(restarts, defaultSpawnOptions, 'restarts'), mailbox },
    asksMax: limits.asksMax,
    routesMax: limits.routesMax,
    logger: merged.logger ?? defaultLogger(),
    listener: merged.listener ?? {},
  })
}

function resolveOwnEnd(end: unknown): { readonly end: EndId | undefined; readonly endType: number } {
  if (typeof end === 'object' && end !== null && 'endType' in end && !('endNo' in end)) {
    requireInteger('end.endType', end.endType, { min: 0, max: 0xff })
    return { end: undefined, endType: end.endType as number } // Checked the line before.
  }
  const id = toEndId(end as EndLike) // Whatever it is, toEndId checks it.
  return { end: id, endType: id >>> 16 }
}

function resolveListen(given: NetOptions['listen'], secret: string | undefined): readonly ResolvedListen[] {
  const places = given === undefined ? [] : Array.isArray(given) ? given : [given]
  const defaults = {
    host: '127.0.0.1',
    port: 0,
    links: 'node' as LinkClass,
    secret: undefined as string | undefined,
  }
  const listens = places.map((place, index) => withDefaults(`listen[${index}]`, defaults, place))
  // Beside node ports, the net's secret is theirs alone: it must not be in every client.
  const hasNodePort = listens.some((listen) => listen.links === 'node')
  const nodeSecrets = listens.filter(({ links }) => links === 'node').map((listen) => listen.secret ?? secret)
  return listens.map((listen, index) => {
    const path = `listen[${index}]`
    requireInteger(`${path}.port`, listen.port, { min: 0, max: 0xffff })
    requireOneOf(`${path}.links`, listen.links, ['node', 'client'])
    checkSecret(`${path}.secret`, listen.secret)
    if (typeof listen.host !== 'string')
      throw badOption(`${path}.host`, listen.host, 'a host name or address')
    const own = listen.secret ?? (listen.links === 'node' || !hasNodePort ? secret : undefined)
    if (own === undefined) requireLoopback(`${path}.host`, listen.host)
    else if (listen.links === 'client' && nodeSecrets.includes(own))
      throw badOption(`${path}.secret`, 'that of a node port', 'a secret that no node port has')
    return Object.freeze({ ...listen, secret: own })
  })
}

/** @throws OptionError `ERR_OPTION_SECRET_REQUIRED` for an address that others can reach. */
export function requireLoopback(option: string, host: string): void {
  if (isLoopbackHost(host)) return
  const message = `${option} is ${JSON.stringify(host)}, which without a secret must be a loopback address`
  throw new OptionError('ERR_OPTION_SECRET_REQUIRED', message, { details: { option, value: host } })
}

export function checkSecret(option: string, secret: unknown): void {
  if (secret === undefined || (typeof secret === 'string' && secret.length > 0)) return
  // The value itself must not end up in a log.
  throw badOption(option, typeof secret === 'string' ? 'empty' : typeof secret, 'a string that is not empty')
}

function checkAsksMax(asksMax: unknown): void {
  requireInteger('limits.asksMax', asksMax, { min: 2, max: 2 ** 20 })
  const value = asksMax as number // Checked the line before.
  if ((value & (value - 1)) !== 0) throw badOption('limits.asksMax', value, 'a power of two')
}

/** The claim that a dialer of this net makes when it has no number yet. */
export const typeOnly = (endType: number): EndId => endId(endType, 0)
