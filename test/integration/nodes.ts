// Whole nodes over real sockets, closed when their test ends.
import {
  createP2pNet,
  fromHandler,
  type LinkAddress,
  type Logger,
  type NetOptions,
  type P2pNet,
} from 'p2pnet'
import { onTestFinished } from 'vitest'

/** The code of the error that a promise is rejected with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'resolved'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

export const quiet: Logger = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => quiet,
}

export const echo = fromHandler((message) => ({ echo: message }))

type Options = Partial<Omit<NetOptions, 'end'>>

export async function startNode(end: NetOptions['end'], options: Options = {}): Promise<P2pNet> {
  const net = createP2pNet({ end, listen: {}, logger: quiet, ...options })
  onTestFinished(() => net.close({ deadlineMs: 0 }))
  await net.start()
  return net
}

/** A client of one gateway. */
export async function startClient(
  gateway: P2pNet,
  end: NetOptions['end'] = { endType: 10 },
  options: Options = {},
): Promise<P2pNet> {
  const net = await startNode(end, { listen: [], ...options })
  await net.dial(addressOf(gateway))
  return net
}

export function addressOf(net: P2pNet): LinkAddress {
  if (net.address === undefined) throw new Error('the net does not listen')
  return net.address
}
