// The command line of the bench, checked: what is unknown or out of range ends it with one line.
import { parseArgs } from 'node:util'
import { type Payload, payloads, type SystemName, systems, type Workload, workloads } from './cells.ts'

export interface BenchOptions {
  readonly rounds: number
  /** Time per cell and system in one round. */
  readonly ms: number
  readonly systems: readonly SystemName[]
  readonly workloads: readonly Workload[]
  readonly payloads: readonly Payload[]
  readonly json: boolean
  readonly gate: boolean
  /** Where the children write their CPU profiles. */
  readonly profile: string | undefined
}

export const usage = `pnpm bench [options]
  --rounds N      rounds of all cells (7)
  --ms N          time per cell and system in a round (600)
  --only A,B,...  only these of ${[...systems, ...workloads, ...payloads].join(', ')}
  --json          print JSON instead of the table
  --no-gate       exit 0 however slow it is
  --profile DIR   write CPU profiles of all processes to DIR`

/** @throws Error that says what is wrong. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args].filter((arg) => arg !== '--'),
    options: {
      rounds: { type: 'string', default: '7' },
      ms: { type: 'string', default: '600' },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      'no-gate': { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  })
  const only = values.only.split(',').filter((word) => word !== '')
  const unknown = only.find((word) => ![...systems, ...workloads, ...payloads].some((name) => name === word))
  if (unknown !== undefined) throw new Error(`--only does not know ${unknown}`)
  return {
    rounds: positive('--rounds', values.rounds),
    ms: positive('--ms', values.ms),
    systems: among(systems, only),
    workloads: among(workloads, only),
    payloads: among(payloads, only),
    json: values.json,
    gate: !values['no-gate'],
    profile: values.profile,
  }
}

/** Those that are named; all, if none of this kind is. */
function among<Name extends string>(names: readonly Name[], only: readonly string[]): readonly Name[] {
  const named = names.filter((name) => only.includes(name))
  return named.length === 0 ? names : named
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value > 0) return value
  throw new Error(`${name} is ${text}, allowed is an integer from 1`)
}
