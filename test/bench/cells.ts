// What is measured: every system with every workload and every payload. Parent and children share these words.

export const systems = ['raw', 'usual', 'p2pnet'] as const
export type SystemName = (typeof systems)[number]

export const workloads = ['ask-1', 'ask-256', 'tell'] as const
export type Workload = (typeof workloads)[number]

export const payloads = ['object', 'binary'] as const
export type Payload = (typeof payloads)[number]

/** One row of the table, for each system. */
export interface Cell {
  readonly workload: Workload
  readonly payload: Payload
}

export const inFlightOf: Readonly<Record<Workload, number>> = { 'ask-1': 1, 'ask-256': 256, tell: 0 }
