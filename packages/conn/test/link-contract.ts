// What every kind of link does. Run by the test file of each kind.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nextTurn, until } from '../../../test/support/until.ts'
import type { LinkFactory } from '../src/link.ts'
import { describeEnds, describeFactory } from './link-contract-ends.ts'
import { type JoinedLinks, joinLinks, numbered } from './link-end.ts'

const megabytes = 4 * 1024 * 1024

export function describeLinks(name: string, makeLinks: () => LinkFactory): void {
  describe(`${name}, as every link`, () => {
    let links: LinkFactory
    let joined: JoinedLinks

    beforeEach(async () => {
      links = makeLinks()
      joined = await joinLinks(links)
    })

    afterEach(async () => {
      joined.dialled.link.destroy()
      joined.accepted.link.destroy()
      await joined.server.close()
    })

    describeBytes(() => joined)
    describeSlowReaders(() => joined)
    describeEnds(() => joined)
    describeFactory(
      () => links,
      () => joined,
    )
  })
}

function describeBytes(joined: () => JoinedLinks): void {
  it('carries bytes unchanged and in order, in both directions at once', async () => {
    const { dialled, accepted } = joined()
    const there = numbered(megabytes, 1)
    const back = numbered(megabytes, 2)

    await Promise.all([dialled.writeAll(there, 10_007), accepted.writeAll(back)])
    await until(() => accepted.bytes.length === megabytes && dialled.bytes.length === megabytes)

    expect(accepted.bytes.equals(there)).toBe(true)
    expect(dialled.bytes.equals(back)).toBe(true)
  })

  it('gives a buffer back at once when write returns true, and with onDrain when it returns false', async () => {
    const { dialled, accepted } = joined()
    const buffer = Buffer.alloc(16 * 1024)
    const sent: Buffer[] = []

    for (let no = 0; no < 300; no++) {
      numbered(buffer.length, no).copy(buffer)
      sent.push(Buffer.from(buffer))
      const drains = dialled.count('drain')
      if (!dialled.link.write(buffer)) await until(() => dialled.count('drain') > drains)
      buffer.fill(0xff)
    }
    const all = Buffer.concat(sent)
    await until(() => accepted.bytes.length === all.length)

    expect(accepted.bytes.equals(all)).toBe(true)
  })

  it('leaves a chunk as it is for as long as somebody keeps it', async () => {
    const { dialled, accepted } = joined()
    const kept: Uint8Array[] = []
    accepted.onChunk = (chunk) => kept.push(chunk)
    const sent = Array.from({ length: 50 }, (_, no) => numbered(1_000, no))

    for (const [no, bytes] of sent.entries()) {
      dialled.link.write(bytes)
      await until(() => Buffer.concat(kept).length === (no + 1) * 1_000)
    }

    expect(Buffer.concat(kept).equals(Buffer.concat(sent))).toBe(true)
  })

  it('never reports inside a call to it', async () => {
    const { dialled } = joined()
    dialled.reports.length = 0

    dialled.link.pause()
    dialled.link.resume()
    dialled.link.write(numbered(10))
    dialled.link.end()
    dialled.link.destroy()

    expect(dialled.reports).toEqual([])
    await until(() => dialled.closes.length === 1)
  })
}

function describeSlowReaders(joined: () => JoinedLinks): void {
  it('tells a writer to wait while the reader is paused, then onDrain follows and nothing is lost', async () => {
    const { dialled, accepted } = joined()
    accepted.link.pause()
    const written = dialled.writeUntilBusy()
    await nextTurn()
    const drainsBefore = dialled.count('drain')

    accepted.link.resume()
    await until(() => accepted.bytes.length === written.length && dialled.count('drain') === 1)

    expect(drainsBefore).toBe(0)
    expect(accepted.bytes.equals(written)).toBe(true)
  })

  it('reports no bytes while it is paused', async () => {
    const { dialled, accepted } = joined()
    accepted.link.pause()
    await nextTurn()

    dialled.link.write(numbered(100))
    for (let turns = 0; turns < 20; turns++) await nextTurn()

    expect(accepted.reports).not.toContain('chunk')
  })

  it('loses nothing of a writer that ends while the reader is paused', async () => {
    const { dialled, accepted } = joined()
    accepted.link.pause()
    accepted.link.end()
    const written = dialled.writeUntilBusy()
    dialled.link.end()
    await until(() => dialled.count('end') === 1)
    for (let turns = 0; turns < 20; turns++) await nextTurn()

    accepted.link.resume()
    await until(() => accepted.count('close') === 1)

    expect(accepted.bytes.equals(written)).toBe(true)
    expect(accepted.reports.slice(-2)).toEqual(['end', 'close'])
  })

  it('can be paused and resumed at every chunk', async () => {
    const { dialled, accepted } = joined()
    const bytes = numbered(megabytes)
    const keep = accepted.onChunk.bind(accepted)
    accepted.onChunk = (chunk) => {
      keep(chunk)
      accepted.link.pause()
      setImmediate(() => accepted.link.resume())
    }

    await dialled.writeAll(bytes)
    await until(() => accepted.bytes.length === bytes.length)

    expect(accepted.bytes.equals(bytes)).toBe(true)
  })
}
