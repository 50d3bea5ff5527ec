// Puts the parts of one net together: who knows whom is said here and nowhere else.
import {
  type ActorCell,
  indexTimers,
  instanceOf,
  ReadyQueue,
  Supervisor,
  supervisorLogic,
  watchActors,
} from '@p2pnet/actor'
import { guard, type P2pError } from '@p2pnet/wire'
import { type ActorRefFrom, createActor } from 'xstate'
import { Announcer } from './announcer.ts'
import { ConnEvents } from './conn-events.ts'
import { Connector } from './connector.ts'
import { DeadLetters } from './dead-letters.ts'
import { Messenger } from './messenger.ts'
import { netMachine } from './net-machine.ts'
import { NetState } from './net-state.ts'
import { NodeHost } from './node-host.ts'
import type { ResolvedNetOptions } from './options.ts'
import type { P2pListener } from './p2p-listener.ts'
import type { P2pNet } from './p2p-net.ts'
import { PackReceiver } from './pack-receiver.ts'
import { Registrar } from './registrar.ts'

export interface NetParts {
  readonly root: ActorRefFrom<typeof netMachine>
  readonly state: NetState
  readonly messenger: Messenger
  readonly announcer: Announcer
  readonly connector: Connector
  readonly registrar: Registrar
}

export function assembleNet(net: P2pNet, options: ResolvedNetOptions, onProgress: () => void): NetParts {
  const state = new NetState(options)
  const { clock } = options
  const inspect = guardedInspect(options)
  const root = createActor(netMachine, { id: 'p2pnet', clock, ...(inspect && { inspect }) })
  indexTimers(root)
  watchActors(root, (actor, error) => {
    const instance = instanceOf(actor)
    if (instance === undefined) options.logger.error({ err: error }, 'an action failed')
    else instance.crashed(error)
  })
  const notify = notifier(net, options)
  const onError = (error: P2pError): void => notify((listener) => listener.onP2pError?.(net, error))
  const deadLetters = new DeadLetters(state)
  const messenger = new Messenger(state, deadLetters)
  const readyQueue = new ReadyQueue(clock)
  const receiver = new PackReceiver({ net, state, messenger, deadLetters, readyQueue })
  const announcer = new Announcer(state)
  announcer.onRefused = onError
  const onStopped = (cell: ActorCell): void => announcer.withdraw(cell.end)
  const decode: NodeHost['decode'] = (pack) => receiver.decode(pack)
  const host = new NodeHost({
    state,
    messenger,
    deadLetters,
    readyQueue,
    decode,
    onStopped,
    onProgress,
    onError,
  })
  state.actors = new Supervisor(host, { id: 'actors', parent: root })
  const registrar = new Registrar(state)
  const owner = new ConnEvents({
    state,
    registrar,
    announcer,
    receiver,
    messenger,
    onProgress,
    onError,
    onPeerOpen: (type, no) => notify((listener) => listener.onP2pConn?.(net, type, no)),
    onPeerClosed: (type, no, reason) => notify((listener) => listener.onP2pClose?.(net, type, no, reason)),
  })
  const parent = createActor(supervisorLogic(), { id: 'conns', parent: root }).start()
  const connector = new Connector({ state, registrar, owner, parent })
  return { root, state, messenger, announcer, connector, registrar }
}

/** An inspector that throws would leave xstate's mailboxes stuck for good. */
function guardedInspect({ inspect, logger }: ResolvedNetOptions): ResolvedNetOptions['inspect'] {
  if (inspect === undefined) return undefined
  return (event) =>
    guard(
      () => inspect(event),
      (error) => logger.error({ err: error }, 'inspect failed'),
    )
}

/** Calls the user's listener, guarded. */
function notifier(net: P2pNet, { listener, logger }: ResolvedNetOptions) {
  return (call: (listener: P2pListener) => unknown): void =>
    guard(
      () => call(listener),
      (error) => logger.error({ err: error, net: net.end }, 'listener failed'),
    )
}
