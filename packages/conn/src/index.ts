// The barrel: what the net uses of conns.
export { Conn } from './conn.ts'
export type { ConnListener } from './conn-listener.ts'
export { type ConnContext, type ConnEvent, connMachine } from './conn-machine.ts'
export type { ConnOwner, ConnSetup, SendResult } from './conn-owner.ts'
export { dialTcp, tcpLinks } from './dialer.ts'
export { ConnError, type ConnErrorCode, ViolationError } from './errors.ts'
export {
  isLoopbackHost,
  type Link,
  type LinkAddress,
  type LinkFactory,
  type LinkHandlers,
  type LinkServer,
} from './link.ts'
export { listenTcp } from './listener.ts'
export { createMemoryLinks } from './memory-links.ts'
export {
  type ConnOptions,
  defaultClientOptions,
  defaultNodeOptions,
  frameBytesCeiling,
  type PayloadOptions,
  type ResolvedConnOptions,
  resolveConnOptions,
} from './options.ts'
export { Sweep, type Swept } from './sweep.ts'
