// The table of docs/wire.md, "Who may send what", written out once more and compared for every kind.
import { describe, expect, it } from 'vitest'
import { type FrameRules, frameRules, type Phase, type Role, type Verdict } from '../src/frame-rules.ts'

const hello = 0x01
const challenge = 0x02
const prove = 0x03
const registered = 0x04
const rejected = 0x05
const ping = 0x10
const pong = 0x11
const announce = 0x12
const withdraw = 0x13
const refuse = 0x14
const drain = 0x15
const drained = 0x16
const bye = 0x17
const tell = 0x40
const ask = 0x41
const reply = 0x42
const fail = 0x43
const cancel = 0x44

const nodeOpen = [ping, pong, announce, withdraw, refuse, drain, drained, bye, tell, ask, reply, fail, cancel]
const gatewayOpen = [ping, pong, drained, bye, tell, ask, reply, fail, cancel]
const clientOpen = [...gatewayOpen, drain]

/** Phase, role, class, accepted, and read but not delivered. Ignorable kinds follow below. */
const table: readonly (readonly [Phase, Role, 'node' | 'client', readonly number[], readonly number[]])[] = [
  ['connecting', 'listener', 'node', [], []],
  ['connecting', 'listener', 'client', [], []],
  ['connecting', 'dialer', 'node', [], []],
  ['connecting', 'dialer', 'client', [], []],
  ['greeting', 'listener', 'node', [hello], []],
  ['greeting', 'listener', 'client', [hello], []],
  ['greeting', 'dialer', 'node', [challenge, rejected], []],
  ['greeting', 'dialer', 'client', [challenge, rejected], []],
  ['proving', 'listener', 'node', [prove], []],
  ['proving', 'listener', 'client', [prove], []],
  ['proving', 'dialer', 'node', [registered, rejected], []],
  ['proving', 'dialer', 'client', [registered, rejected], []],
  ['judging', 'listener', 'node', [], []],
  ['judging', 'listener', 'client', [], []],
  ['judging', 'dialer', 'node', [], []],
  ['judging', 'dialer', 'client', [], []],
  ['open', 'listener', 'node', nodeOpen, []],
  ['open', 'dialer', 'node', nodeOpen, []],
  ['open', 'listener', 'client', gatewayOpen, []],
  ['open', 'dialer', 'client', clientOpen, []],
  [
    'draining',
    'listener',
    'node',
    [ping, pong, drain, drained, bye, reply, fail],
    [announce, withdraw, refuse, tell, ask, cancel],
  ],
  [
    'draining',
    'dialer',
    'node',
    [ping, pong, drain, drained, bye, reply, fail],
    [announce, withdraw, refuse, tell, ask, cancel],
  ],
  ['draining', 'listener', 'client', [ping, pong, drained, bye, reply, fail], [tell, ask, cancel]],
  ['draining', 'dialer', 'client', [ping, pong, drain, drained, bye, reply, fail], [tell, ask, cancel]],
  ['closed', 'listener', 'node', [], []],
  ['closed', 'listener', 'client', [], []],
  ['closed', 'dialer', 'node', [], []],
  ['closed', 'dialer', 'client', [], []],
]

const kindsWith = (rules: FrameRules, verdict: Verdict): number[] =>
  Array.from({ length: 256 }, (_, kind) => kind).filter((kind) => rules[kind] === verdict)

const ascending = (kinds: readonly number[]): number[] => [...kinds].sort((one, other) => one - other)

const ignorable = Array.from({ length: 128 }, (_, low) => 0x80 + low)

describe('frameRules', () => {
  it.each(table)('%s, %s, %s: has a verdict on every kind', (phase, role, linkClass, accepted, discarded) => {
    const rules = frameRules({ phase, role, linkClass })

    const ignored = phase === 'open' || phase === 'draining' ? ignorable : []
    expect(rules).toHaveLength(256)
    expect(kindsWith(rules, 'accept')).toEqual(ascending(accepted))
    expect(kindsWith(rules, 'discard')).toEqual(ascending([...discarded, ...ignored]))
    expect(kindsWith(rules, 'refuse')).toHaveLength(256 - accepted.length - discarded.length - ignored.length)
  })

  it('knows every phase on both sides of both classes', () => {
    const cells = new Set(table.map(([phase, role, linkClass]) => `${phase} ${role} ${linkClass}`))

    expect(cells.size).toBe(7 * 2 * 2)
  })

  it.each([0x18, 0x19, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a])(
    'refuses kind %s, which has no meaning yet, in every cell',
    (kind) => {
      const verdicts = table.map(([phase, role, linkClass]) => frameRules({ phase, role, linkClass })[kind])

      expect(new Set(verdicts)).toEqual(new Set(['refuse']))
    },
  )

  it('ignores no unknown kind before a conn is open', () => {
    const early = table.filter(([phase]) => phase !== 'open' && phase !== 'draining')

    const verdicts = early.map(([phase, role, linkClass]) => frameRules({ phase, role, linkClass })[0x93])

    expect(new Set(verdicts)).toEqual(new Set(['refuse']))
  })

  it('lets no client announce, drain its gateway or say what only nodes say', () => {
    const rules = frameRules({ phase: 'open', role: 'listener', linkClass: 'client' })

    expect([announce, withdraw, refuse, drain].map((kind) => rules[kind])).toEqual(Array(4).fill('refuse'))
  })
})
