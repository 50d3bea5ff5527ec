// The two processes of one system, seen from the parent. `measure` runs one cell and believes nothing: what the
// client says it did must be what the server counted.
import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Cell, SystemName } from './cells.ts'
import type { Answer, ClientCount, Command, ServerCount } from './child.ts'

/** One run of one cell. */
export interface Sample {
  readonly perSecond: number
  readonly completed: number
  readonly clientCpuUs: number
  readonly serverCpuUs: number
  /** Median latency; NaN unless one ask at a time was in flight. */
  readonly p50Us: number
}

export class Pair {
  readonly name: SystemName
  readonly #server: Child
  readonly #client: Child

  private constructor(name: SystemName, { server, client }: { server: Child; client: Child }) {
    this.name = name
    this.#server = server
    this.#client = client
  }

  static async start(name: SystemName, profileFolder: string | undefined): Promise<Pair> {
    const server = new Child(name, 'server', profileFolder)
    const client = new Child(name, 'client', profileFolder)
    await Promise.all([server.answer('ready'), client.answer('ready')])
    const { port } = await server.request({ kind: 'serve' }, 'serving')
    await client.request({ kind: 'connect', port }, 'ready')
    return new Pair(name, { server, client })
  }

  /** @throws Error if a message was lost, doubled, reordered or changed. */
  async measure(cell: Cell, ms: number): Promise<Sample> {
    const prepare = { kind: 'prepare', cell } as const
    await Promise.all([this.#server.request(prepare, 'ready'), this.#client.request(prepare, 'ready')])
    const { count: client } = await this.#client.request({ kind: 'run', cell, ms }, 'ran')
    const { count: server } = await this.#server.request({ kind: 'count' }, 'counted')
    this.#verify(cell, client, server)
    return {
      perSecond: (client.completed / client.elapsedMs) * 1_000,
      completed: client.completed,
      clientCpuUs: client.cpuUs / client.completed,
      serverCpuUs: server.cpuUs / client.completed,
      p50Us: median(client.latenciesUs),
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#client.stop(), this.#server.stop()])
  }

  #verify({ workload, payload }: Cell, client: ClientCount, server: ServerCount): void {
    const sent = workload === 'tell' ? client.told : client.asked
    const isWhole = client.asked === server.asked && client.told === server.told && client.completed === sent
    if (isWhole && client.faults === 0 && server.faults === 0 && sent > 0) return
    const { latenciesUs: _, ...counts } = client
    const facts = JSON.stringify({ client: counts, server })
    throw new Error(`${this.name} ${workload} ${payload}: the counts do not agree: ${facts}`)
  }
}

/** The middle of some values; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN
  return (low + (sorted[Math.floor(middle)] ?? low)) / 2
}

/** A child process that answers one command at a time. */
class Child {
  readonly #process: ChildProcess
  readonly #closed: Promise<void>
  #waiting:
    | { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }
    | undefined
  #early: Answer | undefined

  constructor(system: SystemName, role: 'server' | 'client', profileFolder: string | undefined) {
    const execArgv =
      profileFolder === undefined
        ? []
        : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`, `--cpu-prof-name=${system}-${role}.cpuprofile`]
    this.#process = fork(fileURLToPath(new URL('child.js', import.meta.url)), [system], { execArgv })
    this.#process.on('message', (answer: Answer) => {
      if (this.#waiting === undefined) this.#early = answer
      else this.#waiting.resolve(answer)
    })
    this.#closed = new Promise((resolve) => {
      this.#process.on('exit', (code) => {
        this.#waiting?.reject(new Error(`the ${role} of ${system} ended with code ${code}`))
        resolve()
      })
    })
  }

  request<Kind extends Answer['kind']>(command: Command, kind: Kind): Promise<AnswerOf<Kind>> {
    const answer = this.answer(kind)
    this.#process.send(command)
    return answer
  }

  async answer<Kind extends Answer['kind']>(kind: Kind): Promise<AnswerOf<Kind>> {
    const answer = this.#early ?? (await this.#next())
    this.#early = undefined
    this.#waiting = undefined
    if (answer.kind === 'failed') throw new Error(answer.message)
    if (answer.kind !== kind) throw new Error(`a child answered ${answer.kind}, expected was ${kind}`)
    return answer as AnswerOf<Kind> // Its kind was compared.
  }

  async stop(): Promise<void> {
    if (this.#process.connected) this.#process.disconnect()
    await this.#closed
  }

  #next(): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
    })
  }
}

type AnswerOf<Kind extends Answer['kind']> = Extract<Answer, { readonly kind: Kind }>
