// `pnpm bench`: all systems over loopback, each as two processes of its own, measured in turn, round after round.
// Prints medians and their ratios to the raw limit; exits 1 below the gate, or if a single message was lost.
import { execFileSync } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { type BenchOptions, readOptions, usage } from './bench-options.ts'
import type { Cell, SystemName } from './cells.ts'
import { Pair, type Sample } from './pair.ts'
import { type CellSamples, gateFaults, rowsOf, tableOf } from './report.ts'

/** Before the first round, so that no round meets code that was never compiled. */
const warmUpMs = 250

async function main(): Promise<void> {
  const options = optionsOrExit()
  const pairs: Pair[] = []
  for (const name of options.systems) pairs.push(await Pair.start(name, options.profile))
  try {
    const rows = (await measure(pairs, options)).flatMap(rowsOf)
    const { rounds, ms } = options
    const machine = { node: process.version, cores: availableParallelism(), commit: commit(), rounds, ms }
    const faults = gateFaults(rows)
    if (options.json) console.log(JSON.stringify({ machine, rows, gate: faults }, undefined, 2))
    else {
      console.log(tableOf(rows))
      console.log(
        `\nnode ${machine.node}, ${machine.cores} cores, commit ${machine.commit}, ${rounds} rounds of ${ms} ms`,
      )
      console.log('x raw: median of the ratios within each round; every message was counted at its receiver')
      for (const fault of faults) console.log(fault)
    }
    if (options.gate && faults.length > 0) process.exitCode = 1
  } finally {
    await Promise.all(pairs.map((pair) => pair.stop()))
  }
}

async function measure(pairs: readonly Pair[], options: BenchOptions): Promise<CellSamples[]> {
  const cells: Cell[] = options.workloads.flatMap((workload) =>
    options.payloads.map((payload) => ({ workload, payload })),
  )
  const all = cells.map((cell) => ({
    cell,
    samples: new Map<SystemName, Sample[]>(pairs.map(({ name }) => [name, []])),
  }))
  for (const cell of cells) for (const pair of pairs) await pair.measure(cell, Math.min(warmUpMs, options.ms))
  for (let round = 0; round < options.rounds; round++) {
    for (const { cell, samples } of all) {
      for (const pair of pairs) samples.get(pair.name)?.push(await pair.measure(cell, options.ms))
    }
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${options.rounds}\n`)
  }
  return all
}

function optionsOrExit(): BenchOptions {
  try {
    return readOptions(process.argv.slice(2))
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`)
    process.exit(2)
  }
}

/** The commit, with a + if the tree has changed since. */
function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const isChanged = git('status', '--porcelain', '--untracked-files=no') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${isChanged ? '+' : ''}`
  } catch {
    return 'unknown'
  }
}

await main()
