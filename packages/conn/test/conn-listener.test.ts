import { setImmediate as nextTurn } from 'node:timers/promises'
import type { P2pError } from '@p2pnet/wire'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Conn } from '../src/conn.ts'
import type { ConnListener } from '../src/conn-listener.ts'
import { isClosed, joinConns, makeSide, openPair } from './conn-pair.ts'
import { anyPort } from './link-end.ts'
import { reply, tell } from './packs.ts'
import { turns, type World, worlds } from './world.ts'

/** Notes the moments of a conn. */
class Notes implements ConnListener {
  readonly moments: string[] = []
  readonly errors: P2pError[] = []
  onWrite: (conn: Conn) => void = () => {}

  onConnOpen(): void {
    this.moments.push('open')
  }

  onConnClose(_: Conn, reason: string): void {
    this.moments.push(`close ${reason}`)
  }

  onConnError(_: Conn, error: P2pError): void {
    this.moments.push('error')
    this.errors.push(error)
  }

  onConnRead(_: Conn, bytes: number): void {
    this.moments.push(`read ${bytes}`)
  }

  onConnWrite(conn: Conn, bytes: number): void {
    this.moments.push(`write ${bytes}`)
    this.onWrite(conn)
  }
}

describe.each(worlds)('a ConnListener over %s', (_, createWorld) => {
  let world: World
  let notes: Notes

  beforeEach(() => {
    world = createWorld()
    notes = new Notes()
  })

  afterEach(() => {
    world.end()
  })

  it('is told the moments of a life in order', async () => {
    const pair = await openPair(world, { dialer: { listener: notes } })

    pair.dialer.conn.send(tell(1, 100))
    pair.dialer.conn.close('shutdown')
    await world.until(() => isClosed(pair))

    const handshake = ['write 24', 'read 24', 'write 24', 'read 24', 'open']
    // The tell with drain, the peer's drained, our bye.
    expect(notes.moments).toEqual([
      ...handshake,
      'write 24',
      'write 100',
      'read 24',
      'write 26',
      'close shutdown',
    ])
  })

  it('is told a violation, then the close', async () => {
    const pair = await openPair(world, { listener: { listener: notes } })

    pair.dialer.link.write(Uint8Array.of(9))
    await world.until(() => isClosed(pair))

    const moments = notes.moments.filter((moment) => !/read|write/.test(moment))
    expect(moments).toEqual(['open', 'error', 'close bad_length'])
    expect(notes.errors[0]).toMatchObject({ code: 'ERR_WIRE_BAD_LENGTH' })
  })

  it('is told a fault of ours as an error of its own', async () => {
    const fault = new Error('a fault')
    const pair = await openPair(world, { listener: { listener: notes } })
    pair.listener.owner.hooks = {
      onPack: () => {
        throw fault
      },
    }

    pair.dialer.conn.send(tell(1))
    await world.until(() => isClosed(pair))

    expect(notes.errors).toMatchObject([{ code: 'ERR_CONN_FAULT', message: 'a fault', cause: fault }])
  })

  it('is told of a dial that fails', async () => {
    const server = await world.links.listen(anyPort, () => {})
    await server.close()

    const link = world.links.dial(server.address)
    const side = makeSide(world, { role: 'dialer', link, given: { dialer: { listener: notes } } })
    await world.until(() => side.owner.closes.length === 1)

    expect(notes.moments).toEqual(['error', 'close connect_failed'])
    expect(notes.errors[0]).toMatchObject({ code: 'ERR_CONN_DIAL_FAILED', cause: expect.any(Error) })
  })

  it.each(['packs that wait', 'a full queue'])(
    'is told nothing after its close, in spite of %s',
    async (what) => {
      const options = { writeQueueBytesMax: 2 ** 20 }
      const pair = await openPair(world, { dialer: { listener: notes }, options })
      for (let no = 0; no < 10; no++) pair.dialer.conn.send(tell(no, 10_000))

      if (what === 'a full queue') fill(pair.dialer.conn)
      pair.dialer.conn.destroy()
      await world.until(() => isClosed(pair))
      await turns(world)

      expect(notes.moments.at(-1)).toBe('close normal')
      expect(notes.moments.filter((moment) => /close/.test(moment))).toHaveLength(1)
    },
  )

  it('may send in onConnWrite', async () => {
    const pair = await openPair(world, { dialer: { listener: notes } })
    notes.onWrite = (conn) => {
      notes.onWrite = () => {}
      conn.send(tell(2))
    }

    pair.dialer.conn.send(tell(1))
    await world.until(() => pair.listener.owner.packs.length === 2)

    expect(pair.listener.owner.packs).toEqual(['tell 1 0', 'tell 2 0'])
  })

  it.each(['close', 'kick', 'destroy'] as const)('may %s in onConnWrite', async (way) => {
    const pair = await openPair(world, { dialer: { listener: notes } })
    notes.onWrite = (conn) => conn[way]('replaced')

    pair.dialer.conn.send(tell(1))
    await world.until(() => isClosed(pair))

    expect(pair.dialer.owner.closes).toEqual(['replaced'])
    expect(pair.listener.owner.closes).toEqual([way === 'destroy' ? expect.any(String) : 'replaced'])
  })

  const hostile = {
    throws: () => {
      throw new Error('a listener')
    },
    rejects: () => Promise.reject(new Error('a listener')),
    'returns a thenable that throws': () => ({
      // biome-ignore lint/suspicious/noThenProperty: what is tested.
      then() {
        throw new Error('a listener')
      },
    }),
  }

  it.each(Object.entries(hostile))('that %s in every moment changes nothing', async (_name, moment) => {
    const listener: ConnListener = {
      onConnOpen: moment,
      onConnClose: moment,
      onConnError: moment,
      onConnRead: moment,
      onConnWrite: moment,
    }
    const pair = await joinConns(world, { dialer: { listener }, listener: { listener } })
    await world.until(() => pair.dialer.owner.opens + pair.listener.owner.opens === 2)

    for (let no = 0; no < 10; no++) pair.dialer.conn.send(tell(no))
    await world.until(() => pair.listener.owner.packs.length === 10)
    pair.dialer.link.write(Uint8Array.of(9))
    await world.until(() => isClosed(pair))
    await nextTurn()

    expect([pair.dialer.owner.closes, pair.listener.owner.closes]).toEqual([['bad_length'], ['bad_length']])
    // Open, close and error of one side at the least; each fault is the one that was thrown.
    expect(pair.listener.owner.faults.length).toBeGreaterThanOrEqual(5)
    expect(new Set(pair.listener.owner.faults.map(String))).toEqual(new Set(['Error: a listener']))
  })
})

function fill(conn: Conn): void {
  for (let no = 0; conn.send(reply(no, 200_000)) === 'sent'; no++);
}
