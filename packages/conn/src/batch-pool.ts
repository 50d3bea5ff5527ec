// Spare batch buffers, shared by all write queues, so that an idle conn holds none and a busy one need not
// allocate. Sizes are powers of two: a conn that writes little gets a small one.

const sizeMin = 1024
/** Bytes handed to a link in one piece: a socket only reports progress piece by piece. */
export const batchBytesMax = 64 * 1024
/** Spare buffers kept per size; more than this go back to the system. */
const sparesMax = 32

const spares = new Map<number, Uint8Array[]>()

/** A buffer of at least `bytes`, at most one batch. Its content is undefined. */
export function takeBatch(bytes: number): Uint8Array {
  const size = sizeFor(bytes)
  return spares.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size)
}

/** Gives back a buffer that nobody reads any more. */
export function returnBatch(batch: Uint8Array): void {
  const ofSize = spares.get(batch.length)
  if (ofSize === undefined) spares.set(batch.length, [batch])
  else if (ofSize.length < sparesMax) ofSize.push(batch)
}

function sizeFor(bytes: number): number {
  let size = sizeMin
  while (size < bytes && size < batchBytesMax) size *= 2
  return size
}
