import { P2pError, systemClock } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { thrownBy } from '../../../test/support/until.ts'
import { createP2pNet, type NetOptions } from '../src/index.ts'
import { resolveNetOptions } from '../src/options.ts'
import { LogBook } from './nets.ts'

/** Options as a user of plain JavaScript gives them. */
const resolve = (options: object | undefined) => resolveNetOptions({ end: [1, 1], ...options } as NetOptions)

const outside = '0.0.0.0'

describe('a bad option', () => {
  // What is given, and what the error names: the option, its value and what is allowed.
  const bad: readonly [object, string, string, string][] = [
    [{ end: undefined }, 'end', 'undefined', '[0, 1] to [255, 65535]'],
    [{ end: [0, 0] }, 'end', '0:0', '[0, 1] to [255, 65535]'],
    [{ end: [256, 1] }, 'end', '256:1', '[0, 1] to [255, 65535]'],
    [{ end: [1, 65536] }, 'end', '1:65536', '[0, 1] to [255, 65535]'],
    [{ end: [1.5, 1] }, 'end', '1.5:1', '[0, 1] to [255, 65535]'],
    [{ end: { endType: 256 } }, 'end.endType', '256', '0 to 255'],
    [{ end: { endType: 10 }, listen: {} }, 'end', 'number', 'listen'],
    [{ listen: 7000 }, 'listen[0]', '7000', 'an object'],
    [{ listen: null }, 'listen[0]', 'null', 'an object'],
    [{ listen: { port: -1 } }, 'listen[0].port', '-1', '0 to 65535'],
    [{ listen: [{}, { port: 65536 }] }, 'listen[1].port', '65536', '0 to 65535'],
    [{ listen: { port: '7000' } }, 'listen[0].port', '"7000"', '0 to 65535'],
    [{ listen: { links: 'peer' } }, 'listen[0].links', '"peer"', 'node, client'],
    [{ listen: { host: 7 } }, 'listen[0].host', '7', 'a host name'],
    [{ listen: { secret: '' } }, 'listen[0].secret', 'empty', 'a string that is not empty'],
    [{ secret: '' }, 'secret', 'empty', 'a string that is not empty'],
    [{ secret: 7 }, 'secret', 'number', 'a string that is not empty'],
    [{ limits: 1 }, 'limits', '1', 'an object'],
    [{ limits: { asksMax: 3 } }, 'limits.asksMax', '3', 'a power of two'],
    [{ limits: { asksMax: 1 } }, 'limits.asksMax', '1', '2 to 1048576'],
    [{ limits: { asksMax: 2 ** 21 } }, 'limits.asksMax', '2097152', '2 to 1048576'],
    [{ limits: { routesMax: 0 } }, 'limits.routesMax', '0', 'an integer from 1'],
    [{ limits: { mailbox: { messagesMax: 0 } } }, 'mailbox.messagesMax', '0', 'an integer from 1'],
    [{ limits: { node: { frameBytesMax: 10 } } }, 'limits.node.frameBytesMax', '10', '1024 to'],
    [{ limits: { client: { asksMax: 0 } } }, 'limits.client.asksMax', '0', 'an integer from 1'],
    [
      { limits: { client: { deadAfterMs: 30_000 } } },
      'limits.client.deadAfterMs',
      '30000',
      'more than twice',
    ],
    [{ restarts: { intensity: { restarts: 0 } } }, 'intensity.restarts', '0', 'an integer from 1'],
    [{ restarts: { backoff: { jitter: 2 } } }, 'backoff.jitter', '2', 'a number from 0 to 1'],
    [{ dialTimeoutMs: 0 }, 'dialTimeoutMs', '0', 'an integer from 1'],
    [{ dialTimeoutMs: Number.NaN }, 'dialTimeoutMs', 'NaN', 'an integer from 1'],
    [{ logger: 'loud' }, 'logger', '"loud"', 'debug'],
    [{ logger: { info: () => {} } }, 'logger', 'an object', 'child'],
    [{ listener: 7 }, 'listener', '7', 'an object'],
    [{ connListener: 'x' }, 'connListener', '"x"', 'an object'],
    [{ inspect: {} }, 'inspect', 'an object', 'a function'],
    [{ clock: {} }, 'clock', 'an object', 'setTimeout'],
    [{ random: 4 }, 'random', '4', 'a function'],
    [{ links: {} }, 'links', 'an object', 'dial'],
  ]

  it.each(bad)(
    '%o is refused with its name, its value and what is allowed',
    (given, name, value, allowed) => {
      const error = thrownBy(() => createP2pNet({ end: [1, 1], ...given } as NetOptions))

      expect(error).toBeInstanceOf(P2pError)
      expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE' })
      const { message } = error as P2pError // Checked two lines before.
      for (const said of [name, value, allowed]) expect(message).toContain(said)
    },
  )

  it.each([
    [{ port: 7000 }, 'createP2pNet', 'port'],
    [{ listen: { prot: 7000 } }, 'listen[0]', 'prot'],
    [{ limits: { nodes: {} } }, 'limits', 'nodes'],
    [{ limits: { node: { mailbox: {} } } }, 'limits.node', 'mailbox'],
    [{ restarts: { max: 3 } }, 'restarts', 'max'],
  ])('%o is refused because it is unknown', (given, path, name) => {
    expect(thrownBy(() => resolve(given))).toMatchObject({
      code: 'ERR_OPTION_UNKNOWN',
      details: { option: `${path}.${name}` },
      message: expect.stringContaining(name),
    })
  })

  it.each([undefined, null, 7])('in place of all options, %s, is refused too', (given) => {
    expect(thrownBy(() => createP2pNet(given as unknown as NetOptions))).toBeInstanceOf(P2pError)
  })
})

describe('a secret', () => {
  const required = { code: 'ERR_OPTION_SECRET_REQUIRED' }

  it.each(['0.0.0.0', '::', '192.168.1.1', 'example.org'])('is required to listen on %s', (host) => {
    const error = thrownBy(() => resolve({ listen: { host } }))

    expect(error).toMatchObject({ ...required, details: { option: 'listen[0].host', value: host } })
    expect(resolve({ listen: { host }, secret: 's' }).listen[0]).toMatchObject({ host, secret: 's' })
  })

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('is not required on %s', (host) => {
    expect(resolve({ listen: { host } }).listen[0]).toMatchObject({ host, secret: undefined })
  })

  it('of the net is that of its node ports', () => {
    const { listen } = resolve({ secret: 'net', listen: [{}, { links: 'node', secret: 'own' }] })

    expect(listen.map(({ secret }) => secret)).toEqual(['net', 'own'])
  })

  it('of the net is never that of client ports beside node ports', () => {
    const { listen } = resolve({ secret: 'net', listen: [{}, { links: 'client' }] })

    expect(listen.map(({ secret }) => secret)).toEqual(['net', undefined])
    expect(
      thrownBy(() => resolve({ secret: 'net', listen: [{}, { links: 'client', host: outside }] })),
    ).toMatchObject(required)
  })

  it('of the net is that of client ports if there are no node ports', () => {
    const { listen } = resolve({ secret: 'net', listen: { links: 'client', host: outside } })

    expect(listen[0]?.secret).toBe('net')
  })

  it('is not shared by client and node ports', () => {
    const listen = [{ secret: 'same' }, { links: 'client', secret: 'same' }]

    const error = thrownBy(() => resolve({ listen }))

    expect(error).toMatchObject({ code: 'ERR_OPTION_BAD_VALUE', details: { option: 'listen[1].secret' } })
  })

  it('never appears in an error', () => {
    const listen = [{ secret: 'hush' }, { links: 'client', secret: 'hush' }]

    const errors = [{ listen }, { secret: 'hush', port: 1 }, { secret: 'hush', listen: { port: -1 } }].map(
      (given) => thrownBy(() => resolve(given)),
    )

    for (const error of errors) {
      expect(`${error} ${JSON.stringify(error)}`).not.toContain('hush')
    }
  })
})

describe('options that are not given', () => {
  it('have their defaults, and nothing can change them later', () => {
    const options = resolve({ listen: {}, dialTimeoutMs: undefined })

    expect(options).toMatchObject({ dialTimeoutMs: 8_000, asksMax: 65_536, routesMax: 262_144 })
    expect(options.listen).toEqual([{ host: '127.0.0.1', port: 0, links: 'node', secret: undefined }])
    expect(options.conn).toMatchObject({
      client: { frameBytesMax: 65_536 },
      node: { frameBytesMax: 1_048_576 },
    })
    expect([options, options.listen[0], options.conn.node].every(Object.isFrozen)).toBe(true)
  })

  it('leave a net without a port and a client without a number', () => {
    expect(resolve({}).listen).toEqual([])
    expect(resolve({ end: { endType: 10 } })).toMatchObject({ end: undefined, endType: 10 })
  })

  it('are those of each link class, changed one by one', () => {
    const { conn } = resolve({ limits: { client: { asksMax: 5 } } })

    expect([conn.client.asksMax, conn.node.asksMax, conn.client.deadAfterMs]).toEqual([5, 10_000, 45_000])
  })

  it('may be given as they are', () => {
    const given = {
      logger: new LogBook(),
      clock: systemClock,
      random: () => 0,
      listener: {},
      connListener: {},
    }

    expect(resolve(given)).toMatchObject({ logger: given.logger, clock: systemClock, random: given.random })
  })
})
