// One end of a link with nothing above it: keeps what the link reports, and writes with the manners of a writer.

import { until } from '../../../test/support/until.ts'
import type { Link, LinkAddress, LinkFactory, LinkHandlers, LinkServer } from '../src/link.ts'

export const anyPort: LinkAddress = { host: '127.0.0.1', port: 0 }

export class LinkEnd implements LinkHandlers {
  readonly link: Link
  readonly closes: (Error | undefined)[] = []
  /** What was reported, in order: `open`, `chunk`, `drain`, `end`, `close`. */
  readonly reports: string[] = []
  #chunks: Uint8Array[] = []

  constructor(link: Link) {
    this.link = link
    link.attach(this)
  }

  get bytes(): Buffer {
    const all = Buffer.concat(this.#chunks)
    this.#chunks = [all]
    return all
  }

  count(report: string): number {
    return this.reports.filter((each) => each === report).length
  }

  onOpen(): void {
    this.reports.push('open')
  }

  onChunk(chunk: Uint8Array): void {
    this.reports.push('chunk')
    this.#chunks.push(chunk)
  }

  onDrain(): void {
    this.reports.push('drain')
  }

  onEnd(): void {
    this.reports.push('end')
  }

  onClose(error: Error | undefined): void {
    this.reports.push('close')
    this.closes.push(error)
  }

  /** Writes piece by piece and waits whenever the link says so. */
  async writeAll(bytes: Uint8Array, pieceBytes = 64 * 1024): Promise<void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const drains = this.count('drain')
      if (!this.link.write(bytes.subarray(at, at + pieceBytes)))
        await until(() => this.count('drain') > drains)
    }
  }

  /** Writes until the link says wait, as it must when nobody reads; returns all that was written. */
  writeUntilBusy(): Buffer {
    const written: Buffer[] = []
    for (let no = 0; no < 1_000; no++) {
      written.push(numbered(64 * 1024, no))
      if (!this.link.write(numbered(64 * 1024, no))) return Buffer.concat(written)
    }
    throw new Error('the link took 64 MB that nobody read')
  }
}

/** Bytes that differ from place to place, and by `salt`. */
export function numbered(size: number, salt = 0): Buffer {
  const bytes = Buffer.alloc(size)
  for (let at = 0; at + 4 <= size; at += 4)
    bytes.writeUInt32BE((at * 2_654_435_761 + salt * 40_503) >>> 0, at)
  return bytes
}

export interface JoinedLinks {
  readonly dialled: LinkEnd
  readonly accepted: LinkEnd
  readonly server: LinkServer
}

export async function joinLinks(links: LinkFactory): Promise<JoinedLinks> {
  const accepts: LinkEnd[] = []
  const server = await links.listen(anyPort, (link) => accepts.push(new LinkEnd(link)))
  const dialled = new LinkEnd(links.dial(server.address))
  await until(() => accepts.length === 1 && dialled.count('open') === 1)
  const accepted = accepts[0]
  if (accepted === undefined) throw new Error('nothing was accepted')
  return { dialled, accepted, server }
}
