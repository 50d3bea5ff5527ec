// From samples to what people read: medians, ratios to the raw limit, the table and the gate. Rounds are compared
// with themselves, so a ratio is the median of the ratios of each round and what else the machine did cancels out.
import { type Cell, payloads, type SystemName } from './cells.ts'
import { median, type Sample } from './pair.ts'

/** All rounds of one cell: for each system its samples, by round. */
export interface CellSamples {
  readonly cell: Cell
  readonly samples: ReadonlyMap<SystemName, readonly Sample[]>
}

/** One line of the table. */
export interface Row extends Cell {
  readonly system: SystemName
  readonly perSecond: { readonly median: number; readonly min: number; readonly max: number }
  readonly completed: number
  readonly clientCpuUs: number
  readonly serverCpuUs: number
  readonly cpuUs: number
  /** Median latency, with one ask in flight. */
  readonly p50Us: number | undefined
  /** To the raw limit of the same rounds, if it was measured. */
  readonly ratio:
    | { readonly rate: number; readonly cpu: number; readonly latency: number | undefined }
    | undefined
}

/** What p2pnet must reach at least, as a ratio to the raw limit. */
const gateRatioMin = 0.5
const gatedWorkloads: readonly string[] = ['ask-256', 'tell']
const gatedPayload = payloads[0]

export function rowsOf({ cell, samples }: CellSamples): Row[] {
  const raw = samples.get('raw')
  return [...samples].map(([system, own]) => {
    const rates = own.map((sample) => sample.perSecond)
    const p50Us = optional(median(own.map((sample) => sample.p50Us)))
    return {
      system,
      ...cell,
      perSecond: { median: median(rates), min: Math.min(...rates), max: Math.max(...rates) },
      completed: own.reduce((sum, sample) => sum + sample.completed, 0),
      clientCpuUs: median(own.map((sample) => sample.clientCpuUs)),
      serverCpuUs: median(own.map((sample) => sample.serverCpuUs)),
      cpuUs: median(own.map(cpuOf)),
      p50Us,
      ratio: raw && {
        rate: medianRatio(own, raw, (sample) => sample.perSecond),
        cpu: medianRatio(own, raw, cpuOf),
        latency: optional(medianRatio(own, raw, (sample) => sample.p50Us)),
      },
    }
  })
}

/** What the gate has against these rows, one line each. */
export function gateFaults(rows: readonly Row[]): string[] {
  return rows
    .filter((row) => row.system === 'p2pnet' && row.payload === gatedPayload)
    .filter((row) => gatedWorkloads.includes(row.workload) && row.ratio !== undefined)
    .filter((row) => (row.ratio?.rate ?? 0) < gateRatioMin)
    .map(
      (row) =>
        `gate: p2pnet ${row.workload} ${row.payload} is ${row.ratio?.rate.toFixed(2)} x raw, below ${gateRatioMin}`,
    )
}

export function tableOf(rows: readonly Row[]): string {
  const head = ['workload', 'payload', 'system', 'msg/s', 'min - max', 'x raw', 'p50 us', 'x raw']
  const cpuHead = ['CPU us/msg', 'client + server', 'x raw']
  const lines = [[...head, ...cpuHead], ...rows.map(lineOf)]
  const widths = [...head, ...cpuHead].map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  )
  const format = (line: readonly string[]): string =>
    line
      .map((text, column) =>
        column < 3 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd()
  return lines
    .map((line, index) => (index > 1 && line[2] === lines[1]?.[2] ? `\n${format(line)}` : format(line)))
    .join('\n')
}

function lineOf(row: Row): string[] {
  const { perSecond, ratio } = row
  return [
    row.workload,
    row.payload,
    row.system,
    thousands(perSecond.median),
    `${thousands(perSecond.min)} - ${thousands(perSecond.max)}`,
    fixed(ratio?.rate),
    fixed(row.p50Us, 0),
    fixed(ratio?.latency),
    fixed(row.cpuUs),
    `${fixed(row.clientCpuUs)} + ${fixed(row.serverCpuUs)}`,
    fixed(ratio?.cpu),
  ]
}

const cpuOf = (sample: Sample): number => sample.clientCpuUs + sample.serverCpuUs

const medianRatio = (
  own: readonly Sample[],
  raw: readonly Sample[],
  of: (sample: Sample) => number,
): number => median(raw.map((limit, round) => of(own[round] ?? limit) / of(limit)))

const optional = (value: number): number | undefined => (Number.isNaN(value) ? undefined : value)
const fixed = (value: number | undefined, digits = 2): string => value?.toFixed(digits) ?? '-'
const thousands = (value: number): string =>
  value < 100_000 ? `${(value / 1_000).toFixed(1)}k` : `${(value / 1_000).toFixed(0)}k`
