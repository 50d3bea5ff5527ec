// The second half of the link contract: how links end, and where they come from.
import { expect, it } from 'vitest'
import { nextTurn, until } from '../../../test/support/until.ts'
import type { LinkFactory } from '../src/link.ts'
import { anyPort, type JoinedLinks, LinkEnd, numbered } from './link-end.ts'

const megabytes = 4 * 1024 * 1024

export function describeEnds(joined: () => JoinedLinks): void {
  it.each([
    ['dialled', 'accepted'],
    ['accepted', 'dialled'],
  ] as const)(
    'closes the half of the %s end: what was written arrives, then the end',
    async (ends, stays) => {
      const { [ends]: ending, [stays]: staying } = joined()
      const there = numbered(megabytes, 1)

      await ending.writeAll(there)
      ending.link.end()
      await until(() => staying.count('end') === 1)
      staying.link.write(numbered(1_000, 2))
      await until(() => ending.bytes.length === 1_000)

      expect(staying.bytes.equals(there)).toBe(true)
      expect(ending.bytes.equals(numbered(1_000, 2))).toBe(true)
      expect([...ending.closes, ...staying.closes]).toEqual([])
    },
  )

  it('drops what is written after its end, and still reads', async () => {
    const { dialled, accepted } = joined()
    dialled.link.end()

    const taken = dialled.link.write(numbered(100))
    await until(() => accepted.count('end') === 1)
    accepted.link.write(numbered(1_000))
    await until(() => dialled.bytes.length === 1_000)

    expect([taken, accepted.bytes.length, dialled.closes.length]).toEqual([true, 0, 0])
  })

  it('closes without an error when both halves have ended', async () => {
    const { dialled, accepted } = joined()

    dialled.link.end()
    accepted.link.end()
    await until(() => dialled.closes.length === 1 && accepted.closes.length === 1)

    expect([...dialled.closes, ...accepted.closes]).toEqual([undefined, undefined])
    expect([dialled.count('end'), accepted.count('end')]).toEqual([1, 1])
  })

  it('closes once on each side when one side destroys it', async () => {
    const { dialled, accepted } = joined()

    dialled.link.destroy()
    await until(() => accepted.count('end') + accepted.count('close') > 0)
    accepted.link.destroy()
    await until(() => dialled.closes.length > 0 && accepted.closes.length > 0)
    for (let turns = 0; turns < 20; turns++) await nextTurn()

    expect([dialled.closes.length, accepted.closes.length]).toEqual([1, 1])
  })

  it('reports nothing after onClose, though the peer reads what was on its way', async () => {
    const { dialled, accepted } = joined()
    accepted.link.pause()
    dialled.writeUntilBusy()

    dialled.link.destroy()
    accepted.link.resume()
    await until(() => accepted.count('end') + accepted.count('close') > 0 && dialled.closes.length > 0)
    for (let turns = 0; turns < 20; turns++) await nextTurn()

    expect(dialled.reports.at(-1)).toBe('close')
    expect(dialled.count('drain')).toBe(0)
  })

  it('takes every call twice and from any state', async () => {
    const { dialled, accepted } = joined()
    const calls = ['pause', 'resume', 'end', 'destroy', 'end', 'pause', 'resume'] as const

    for (const call of calls) for (let times = 0; times < 2; times++) dialled.link[call]()
    const taken = dialled.link.write(numbered(10))
    await until(() => dialled.closes.length > 0 && accepted.count('end') + accepted.count('close') > 0)
    for (const call of calls) dialled.link[call]()
    await nextTurn()

    expect(taken).toBe(true)
    expect([dialled.closes.length, accepted.count('end')]).toEqual([1, accepted.count('end') && 1])
  })

  it('keeps accepted writes when it is ended with unread input that is read and discarded', async () => {
    const { dialled, accepted } = joined()
    const bytes = numbered(megabytes)
    accepted.link.pause()
    const flood = accepted.writeAll(numbered(megabytes, 9))

    const written = dialled.writeAll(bytes).then(() => dialled.link.end())
    await until(() => dialled.bytes.length > 0)
    accepted.link.resume()
    await Promise.all([flood, written, until(() => accepted.count('end') === 1)])

    expect(accepted.bytes.equals(bytes)).toBe(true)
  })
}

export function describeFactory(links: () => LinkFactory, joined: () => JoinedLinks): void {
  it('closes a dial to nobody with an error, without an open', async () => {
    const server = await links().listen(anyPort, () => {})
    await server.close()

    const end = new LinkEnd(links().dial(server.address))
    await until(() => end.closes.length === 1)

    expect(end.closes[0]).toBeInstanceOf(Error)
    expect(end.reports).toEqual(['close'])
  })

  it('closes a dial that is destroyed before it opens, once and without an open', async () => {
    const end = new LinkEnd(links().dial(joined().server.address))

    end.link.destroy()
    await until(() => end.closes.length === 1)
    for (let turns = 0; turns < 20; turns++) await nextTurn()

    expect(end.reports).toEqual(['close'])
  })

  it('refuses an address that is in use', async () => {
    const again = links().listen(joined().server.address, () => {})

    await expect(again).rejects.toThrow(/in use|EADDRINUSE/)
  })

  it('keeps accepted links when the server closes', async () => {
    const { dialled, accepted, server } = joined()

    await server.close()
    await server.close()
    dialled.link.write(numbered(100))
    await until(() => accepted.bytes.length === 100)

    expect(accepted.closes).toEqual([])
  })

  it('knows who the peer is, also when it is closed', async () => {
    const { dialled, server } = joined()

    dialled.link.destroy()
    await until(() => dialled.closes.length === 1)

    expect(dialled.link.remoteAddress).toBe(`${server.address.host}:${server.address.port}`)
  })

  it('says that both ends are on this machine', () => {
    const { dialled, accepted } = joined()

    expect([dialled.link.isLoopback, accepted.link.isLoopback]).toEqual([true, true])
  })
}
