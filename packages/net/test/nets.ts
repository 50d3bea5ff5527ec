// Nets in memory: one closed world of links per test, nets that are closed when their test ends, and a logger that
// keeps what it is told.
import type { Logger } from '@p2pnet/actor'
import { createMemoryLinks, type LinkAddress, type LinkFactory } from '@p2pnet/conn'
import { systemClock } from '@p2pnet/wire'
import { onTestFinished } from 'vitest'
import { SimClock } from '../../../test/support/sim-clock.ts'
import type { NetOptions } from '../src/options.ts'
import { P2pNet } from '../src/p2p-net.ts'

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string | undefined
}

export class LogBook implements Logger {
  readonly lines: LogLine[] = []

  debug = (fields: object, message?: string) => void this.lines.push({ level: 'debug', fields, message })
  info = (fields: object, message?: string) => void this.lines.push({ level: 'info', fields, message })
  warn = (fields: object, message?: string) => void this.lines.push({ level: 'warn', fields, message })
  error = (fields: object, message?: string) => void this.lines.push({ level: 'error', fields, message })
  child = (): Logger => this

  messages(level: LogLine['level']): (string | undefined)[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message)
  }
}

/** What every test's net is given besides its own options. */
export type GivenOptions = Partial<NetOptions>

export const newMemory = (): LinkFactory => createMemoryLinks(systemClock)

/** A net of this end in a world of memory links, closed when the test ends. */
export function makeNet(end: NetOptions['end'], links: LinkFactory, options: GivenOptions = {}): P2pNet {
  const net = new P2pNet({ end, links, listen: {}, logger: new LogBook(), ...options })
  onTestFinished(() => net.close({ deadlineMs: 0 }))
  return net
}

export async function startNet(
  end: NetOptions['end'],
  links: LinkFactory = newMemory(),
  options: GivenOptions = {},
): Promise<P2pNet> {
  const net = makeNet(end, links, options)
  await net.start()
  return net
}

/** Where a started net listens. */
export function addressOf(net: P2pNet): LinkAddress {
  if (net.address === undefined) throw new Error('the net does not listen')
  return net.address
}

/** Two nodes, 1:1 and 2:1, the first of which has dialled the second. */
export async function startPair(
  options: { readonly one?: GivenOptions; readonly two?: GivenOptions } = {},
): Promise<{ readonly one: P2pNet; readonly two: P2pNet; readonly links: LinkFactory }> {
  const links = newMemory()
  const one = await startNet([1, 1], links, options.one)
  const two = await startNet([2, 1], links, options.two)
  await one.dial(addressOf(two))
  return { one, two, links }
}

/** Nets under one simulated clock. Nothing is closed for them: their time just ends. */
export function simWorld(): { clock: SimClock; make: (end: NetOptions['end'], o?: GivenOptions) => P2pNet } {
  const clock = new SimClock()
  const links = createMemoryLinks(clock)
  const make = (end: NetOptions['end'], options: GivenOptions = {}) =>
    new P2pNet({ end, links, clock, random: () => 0.5, listen: {}, logger: new LogBook(), ...options })
  return { clock, make }
}
