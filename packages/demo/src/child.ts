// The entry of every child process, forked by company.ts: takes the start order, runs one part, reports a few times per
// second, and ends when it is told to, or when the main process is gone.
import { startArena } from './arena.ts'
import { startGateway } from './gateway.ts'
import { startLobby } from './lobby.ts'
import type { Part, PartSetup } from './part.ts'
import type { FromChild, Role, StartOrder, ToChild } from './protocol.ts'
import { startRobots } from './robots.ts'
import { every } from './time.ts'

const reportEveryMs = 200

const starts: Readonly<Record<Role, (setup: PartSetup) => Promise<Part>>> = {
  gateway: startGateway,
  lobby: startLobby,
  arena: startArena,
  robots: startRobots,
}

let part: Part | undefined
let stopReporting: () => void = () => {}

// These reach the whole process group; the main process decides what they mean.
process.on('SIGINT', () => {})
process.on('SIGHUP', () => {})
// Without the main process nobody would ever end this one.
process.on('disconnect', () => process.exit(1))
process.on('message', (message) => void obey(message as ToChild)) // Only our main process writes here.

async function obey(order: ToChild): Promise<void> {
  try {
    switch (order.kind) {
      case 'start':
        return await start(order)
      case 'crash':
        return await part?.crash?.(order.actor)
      case 'quiet':
        await part?.quiet?.()
        if (part !== undefined) send({ kind: 'quiet', report: part.report() })
        return
      case 'close':
        return await close()
    }
  } catch (error) {
    send({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

async function start(order: StartOrder): Promise<void> {
  const role = process.argv[2] as Role // The main process forks with one of them.
  const started = await starts[role]({ ...order, say: (event) => send({ kind: 'event', event }) })
  part = started
  send({ kind: 'started', ports: started.ports })
  stopReporting = every(reportEveryMs, () => send({ kind: 'report', report: started.report() }))
}

async function close(): Promise<void> {
  await part?.close()
  stopReporting()
  if (part !== undefined) send({ kind: 'closed', report: part.report() })
  // From here on nothing holds the process; should a net have left something open, the main process will say so.
  process.removeAllListeners('disconnect')
  process.disconnect?.()
}

function send(message: FromChild): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {})
}
