// One process under test: the server or the client of one system, kept alive for all its cells. The parent says
// over IPC what to run; this side runs it, counts, and measures its own CPU.
import { type Cell, type SystemName, systems } from './cells.ts'
import { MessageSink } from './messages.ts'
import { loadSystem } from './system.ts'
import { type ClientRun, runCell } from './workloads.ts'

export type Command =
  | { readonly kind: 'serve' }
  | { readonly kind: 'connect'; readonly port: number }
  /** To a server before, to a client as the run itself. */
  | { readonly kind: 'prepare'; readonly cell: Cell }
  | { readonly kind: 'run'; readonly cell: Cell; readonly ms: number }
  /** To a server after a run. */
  | { readonly kind: 'count' }

export interface ServerCount {
  readonly asked: number
  readonly told: number
  readonly faults: number
  readonly cpuUs: number
}

export type ClientCount = ClientRun & { readonly cpuUs: number }

export type Answer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'serving'; readonly port: number }
  | { readonly kind: 'ran'; readonly count: ClientCount }
  | { readonly kind: 'counted'; readonly count: ServerCount }
  | { readonly kind: 'failed'; readonly message: string }

async function main(): Promise<void> {
  const name = systems.find((system) => system === process.argv[2])
  if (name === undefined) throw new Error(`there is no system ${process.argv[2]}`)
  const perform = await performer(name)
  process.on('message', (command: Command) => {
    perform(command).then(answer, (error: unknown) => answer({ kind: 'failed', message: String(error) }))
  })
  process.on('disconnect', () => process.exit(0))
  answer({ kind: 'ready' })
}

const answer = (message: Answer): void => void process.send?.(message)

async function performer(name: SystemName): Promise<(command: Command) => Promise<Answer>> {
  const system = await loadSystem(name)
  const sink = new MessageSink()
  let server: Awaited<ReturnType<typeof system.serve>> | undefined
  let client: Awaited<ReturnType<typeof system.connect>> | undefined
  let cpuBefore = process.cpuUsage()
  return async (command) => {
    switch (command.kind) {
      case 'serve':
        server = await system.serve(sink.take)
        return { kind: 'serving', port: server.port }
      case 'connect':
        client = await system.connect(command.port)
        return { kind: 'ready' }
      case 'prepare':
        server?.expect?.(command.cell.payload)
        client?.expect?.(command.cell.payload)
        sink.reset()
        cpuBefore = process.cpuUsage()
        return { kind: 'ready' }
      case 'run': {
        if (client === undefined) throw new Error('run comes after connect')
        const run = await runCell(client, command.cell, command.ms)
        return { kind: 'ran', count: { ...run, cpuUs: cpuSince(cpuBefore) } }
      }
      case 'count': {
        const { asked, told, faults } = sink
        return { kind: 'counted', count: { asked, told, faults, cpuUs: cpuSince(cpuBefore) } }
      }
    }
  }
}

function cpuSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

await main()
