// What all processes of the demo know of each other: the ends of the nodes and actors, what the main process and its
// children say over node's IPC, and what a report has in it. Only data: every message survives JSON.

export const ends = {
  gateway: [1, 1],
  relayIn: [1, 2],
  relayOut: [1, 3],
  lobby: [2, 1],
  rooms: [2, 2],
  chat: [2, 3],
  members: [2, 4],
  arena: [3, 1],
  world: [3, 2],
  match: [3, 3],
} as const

export type Name = keyof typeof ends

/** Clients have this type; the gateway gives the number. */
export const clientType = 10

/** The actors that clients reach through the gateway. */
export const serviceNames = ['rooms', 'chat', 'members', 'world', 'match'] as const
export type Service = (typeof serviceNames)[number]

/** The arena's actors: those that can be crashed. */
export type ArenaActor = 'world' | 'match'

/** An end as `net.stats()` prints it. */
export const endText = (name: Name): string => ends[name].join(':')

/** What a process can be. */
export type Role = 'gateway' | 'lobby' | 'arena' | 'robots'

/** Ports that were told by the processes started before. */
export interface Ports {
  readonly gatewayNode?: number
  readonly gatewayClient?: number
  readonly lobbyNode?: number
}

export interface StartOrder {
  readonly kind: 'start'
  readonly secret: string
  readonly robots: number
  readonly ports: Ports
}

export type ToChild =
  | StartOrder
  | { readonly kind: 'crash'; readonly actor: ArenaActor }
  /** Send no more, wait for the answers. */
  | { readonly kind: 'quiet' }
  | { readonly kind: 'close' }

export type FromChild =
  | { readonly kind: 'started'; readonly ports: Ports }
  | { readonly kind: 'report'; readonly report: Report }
  | { readonly kind: 'event'; readonly event: PartEvent }
  | { readonly kind: 'quiet'; readonly report: Report }
  | { readonly kind: 'closed'; readonly report: Report }
  | { readonly kind: 'failed'; readonly message: string }

/** What happens inside one process and is worth a line. */
export type PartEvent =
  | {
      readonly kind: 'ask-ended'
      readonly actor: ArenaActor
      readonly code: string
      readonly mayHaveRun: boolean
    }
  | {
      readonly kind: 'next-answer'
      readonly actor: ArenaActor
      readonly afterMs: number
      readonly answer: unknown
    }
  | { readonly kind: 'log'; readonly level: 'warn' | 'error'; readonly end: string; readonly message: string }

/** What a run tells whoever shows it. */
export type DemoEvent =
  | { readonly kind: 'process'; readonly role: Role; readonly pid: number }
  | { readonly kind: 'running'; readonly clients: number }
  | { readonly kind: 'crash-asked'; readonly actor: ArenaActor }
  | {
      readonly kind: 'state'
      readonly actor: string
      readonly end: string
      readonly from: string
      readonly to: string
    }
  | { readonly kind: 'draining' }
  | { readonly kind: 'died'; readonly message: string }
  | PartEvent

/** What one actor has received. */
export interface Received {
  /** All messages. */
  readonly messages: number
  /** Those that a robot had numbered. */
  readonly numbered: number
  /** Numbers that came twice, or after a higher one. */
  readonly unordered: number
}

export interface AskCounts {
  readonly begun: number
  readonly answered: number
  /** Asks that ended without an answer, by their code. */
  readonly endedBy: Readonly<Record<string, number>>
}

export interface ActorReport {
  readonly name: string
  readonly end: string
  readonly behaviour: 'handler' | 'machine'
  /** Of the supervisor's view: idle, busy, backing off ... */
  readonly state: string
  /** Where a machine's chart is: waiting, playing ... */
  readonly chart?: string
  readonly restarts: number
  readonly queued: number
}

/** What one process has counted since its start. */
export interface Report {
  /** Of the process's own monotonic clock: only differences mean something. */
  readonly atMs: number
  readonly state: string
  readonly conns: number
  readonly actors: readonly ActorReport[]
  readonly restarts: number
  readonly crashes: number
  /** By actor: what has arrived, counted there. */
  readonly received: Readonly<Record<string, Received>>
  /** By actor: what robots have sent to it. */
  readonly sent: Readonly<Record<string, number>>
  readonly asks: AskCounts
  /** Lines for clients: handed to the gateway (lobby), arrived (robots). */
  readonly pushed: number
}

/** Of a process that has not counted anything yet. */
export const noReport: Report = {
  atMs: 0,
  state: 'starting',
  conns: 0,
  actors: [],
  restarts: 0,
  crashes: 0,
  received: {},
  sent: {},
  asks: { begun: 0, answered: 0, endedBy: {} },
  pushed: 0,
}

/** Of an actor's or a net's state: it does its work. */
export const isWell = (state: string): boolean => ['idle', 'busy', 'running'].includes(state)
