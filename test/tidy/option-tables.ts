// What docs/options.md has to say: for each of its tables, the fields that the code declares and their defaults.
import { fromHandler } from '@p2pnet/actor'
import { defaultClientOptions, defaultNodeOptions } from '@p2pnet/conn'
import { resolveDial } from '../../packages/net/src/connector.ts'
import { resolveNetOptions } from '../../packages/net/src/options.ts'
import { constantOf, fieldsOf, parameterFieldsOf } from './declared.ts'
import type { Source } from './source.ts'

type Defaults = Readonly<Record<string, unknown>>

export interface OptionTable {
  readonly heading: string
  readonly fields: readonly string[]
  /** By column of the table: the defaults of the fields that have a plain one. */
  readonly columns: Readonly<Record<string, Defaults>>
}

export function optionTables(sources: readonly Source[]): readonly OptionTable[] {
  const net = resolveNetOptions({ end: [1, 1], listen: {} })
  const { spawn } = net
  const dial = resolveDial({ port: 1 }, undefined, undefined)
  const table = (heading: string, interfaces: readonly string[], defaults: unknown): OptionTable => ({
    heading,
    fields: interfaces.flatMap((name) => fieldsOf(sources, name)),
    columns: { default: plainOnes(defaults) },
  })
  const byClass = (heading: string, name: string, client: unknown, node: unknown): OptionTable => ({
    heading,
    fields: fieldsOf(sources, name),
    columns: { client: plainOnes(client), node: plainOnes(node) },
  })
  return [
    table('createP2pNet', ['NetOptions'], { dialTimeoutMs: net.dialTimeoutMs }),
    table('listen', ['ListenOptions'], net.listen[0]),
    table('limits', ['LimitOptions'], { asksMax: net.asksMax, routesMax: net.routesMax }),
    byClass('limits.client and limits.node', 'ConnOptions', defaultClientOptions, defaultNodeOptions),
    byClass('payload', 'PayloadOptions', defaultClientOptions.payload, defaultNodeOptions.payload),
    table('spawn', ['SpawnOptions'], spawn),
    table('intensity', ['Intensity'], spawn.intensity),
    table('backoff', ['Backoff'], spawn.backoff),
    table('mailbox', ['MailboxLimits'], spawn.mailbox),
    table('fromHandler', ['HandlerOptions'], { concurrency: fromHandler(() => {}).concurrency }),
    table('dial', ['DialAddress', 'DialOptions'], { host: dial.address.host, reconnect: dial.reconnect }),
    table('ask', ['AskOptions'], { timeoutMs: constantOf(sources, 'askTimeoutMs') }),
    {
      heading: 'close',
      fields: parameterFieldsOf(sources, 'P2pNet', 'close'),
      columns: { default: { deadlineMs: constantOf(sources, 'closeDeadlineMs') } },
    },
  ]
}

/** Numbers, words and switches; what is an object has a table of its own, what is undefined has no default. */
const plainOnes = (defaults: unknown): Defaults =>
  Object.fromEntries(
    Object.entries(defaults ?? {}).filter(([, value]) => value !== undefined && typeof value !== 'object'),
  )

/** A default as a table shows it. */
export const shown = (value: unknown): string =>
  value === undefined ? '-' : typeof value === 'number' ? value.toLocaleString('en') : String(value)
