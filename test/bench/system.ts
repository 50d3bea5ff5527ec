// What a system under test offers to the bench, and where each one is. Callbacks and not promises, so that the raw
// loop pays for nothing it does not need; a system that has promises pays for its own.
import type { Payload, SystemName } from './cells.ts'
import type { Message } from './messages.ts'

/** Handles a message; what it returns answers an ask. */
export type Handler = (message: unknown) => unknown

export interface BenchClient {
  /** Told before a run, for a system that must know. */
  expect?(payload: Payload): void
  ask(message: Message, onReply: (reply: unknown) => void, onFailure: (error: unknown) => void): void
  tell(message: Message): void
}

export interface BenchServer {
  readonly port: number
  expect?(payload: Payload): void
}

export interface BenchSystem {
  serve(handle: Handler): Promise<BenchServer>
  connect(port: number): Promise<BenchClient>
}

/** Loads one system alone: a process holds no code but its own. */
export async function loadSystem(name: SystemName): Promise<BenchSystem> {
  switch (name) {
    case 'raw':
      return (await import('./raw-system.ts')).rawSystem
    case 'usual':
      return (await import('./usual-system.ts')).usualSystem
    case 'p2pnet':
      return (await import('./p2pnet-system.ts')).p2pnetSystem
  }
}
