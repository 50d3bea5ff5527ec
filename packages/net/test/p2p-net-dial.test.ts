import { systemClock } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { rejectionOf } from '../../../test/support/until.ts'
import { addressOf, LogBook, makeNet, newMemory, startNet } from './nets.ts'

describe('dialling', () => {
  it('before start is refused', async () => {
    const net = makeNet([1, 1], newMemory())

    expect(await rejectionOf(net.dial({ port: 1 }))).toMatchObject({ code: 'ERR_NET_NOT_STARTED' })
  })

  it.each([
    [undefined, 'ERR_OPTION_BAD_VALUE'],
    [{}, 'ERR_OPTION_BAD_VALUE'],
    [{ port: 0 }, 'ERR_OPTION_BAD_VALUE'],
    [{ port: 1, host: 7 }, 'ERR_OPTION_BAD_VALUE'],
    [{ port: 1, hots: 'x' }, 'ERR_OPTION_UNKNOWN'],
    [{ port: 1, host: 'example.org' }, 'ERR_OPTION_SECRET_REQUIRED'],
  ])('the address %o is refused', async (address, code) => {
    const net = await startNet([1, 1])

    expect(await rejectionOf(net.dial(address as never))).toMatchObject({ code })
  })

  it.each([
    [{ links: 'peer' }, 'ERR_OPTION_BAD_VALUE'],
    [{ secret: '' }, 'ERR_OPTION_BAD_VALUE'],
    [{ reconnects: true }, 'ERR_OPTION_UNKNOWN'],
    [{ reconnect: 'yes' }, 'ERR_OPTION_BAD_VALUE'],
  ])('with the options %o is refused', async (options, code) => {
    const net = await startNet([1, 1])

    expect(await rejectionOf(net.dial({ port: 1 }, options as object))).toMatchObject({ code })
  })

  it('where nobody listens fails', async () => {
    const net = await startNet([1, 1])

    const error = await rejectionOf(net.dial({ port: 9 }))

    expect(error).toMatchObject({ code: 'ERR_CONN_DIAL_FAILED', details: { reason: 'connect_failed' } })
  })

  it.each([
    ['bad_proof', { secret: 'a' }, { secret: 'b' }],
    ['algorithm_refused', { secret: 'a' }, {}],
  ])('with another secret fails with %s', async (reason, mine, theirs) => {
    const links = newMemory()
    const other = await startNet([2, 1], links, theirs)
    const net = await startNet([1, 1], links, mine)

    const error = await rejectionOf(net.dial(addressOf(other)))

    expect(error).toMatchObject({ code: 'ERR_CONN_REGISTER_FAILED', details: { reason } })
    expect([net.stats().conns, other.stats().routes]).toEqual([0, 0])
  })

  it('itself, and a holder of its own end, fails', async () => {
    const links = newMemory()
    const net = await startNet([1, 1], links)
    const twin = await startNet([1, 1], links)

    const errors = [await rejectionOf(net.dial(addressOf(net))), await rejectionOf(net.dial(addressOf(twin)))]

    expect(errors).toMatchObject([
      { details: { reason: 'same_instance' } },
      { details: { reason: 'end_taken' } },
    ])
  })

  it('is given up when the net closes, whatever it waits for', async () => {
    const links = newMemory()
    const server = await links.listen({ host: '127.0.0.1', port: 80 }, (link) => {
      link.attach({ onOpen() {}, onChunk() {}, onDrain() {}, onEnd: () => link.end(), onClose() {} })
    })
    const net = await startNet([1, 1], links, { logger: new LogBook(), clock: systemClock })
    const dialled = rejectionOf(net.dial(server.address))

    await net.close()

    expect(await dialled).toMatchObject({ code: 'ERR_CONN_REGISTER_FAILED', details: { reason: 'shutdown' } })
  })
})
