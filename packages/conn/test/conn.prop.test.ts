import { Kind } from '@p2pnet/wire'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ConnListener } from '../src/conn-listener.ts'
import { makeSide, type PairGiven, type Side } from './conn-pair.ts'
import { factOf, packOf, tell } from './packs.ts'
import { createSimWorld } from './world.ts'

const address = { host: 'here', port: 7 }
const roles = ['dialer', 'listener'] as const
type Role = (typeof roles)[number]

/** What is done to one side. */
type Act =
  | { readonly kind: 'send'; readonly role: Role; readonly packKind: Kind; readonly frameBytes: number }
  | { readonly kind: 'close'; readonly role: Role; readonly ms: number }
  | {
      readonly kind: 'kick' | 'destroy' | 'reset' | 'garbage' | 'fault' | 'mute' | 'unmute'
      readonly role: Role
    }

type Step =
  | Act
  | { readonly kind: 'turn' }
  | { readonly kind: 'turns' }
  | { readonly kind: 'advance' | 'stall'; readonly ms: number }

const role = fc.constantFrom(...roles)
const is = <K extends string>(...kinds: readonly K[]) => fc.constantFrom(...kinds)
const anySend = fc.record({
  kind: is('send'),
  role,
  packKind: fc.constantFrom<Kind>(Kind.tell, Kind.ask, Kind.reply, Kind.fail),
  frameBytes: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 24, max: 600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 30_000, max: 200_000 }) },
  ),
})
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: anySend },
  { weight: 6, arbitrary: fc.record({ kind: is('turn', 'turns') }) },
  { weight: 3, arbitrary: fc.record({ kind: is('mute', 'unmute'), role }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: is('advance', 'stall'), ms: fc.constantFrom(1, 250, 999, 6_000, 20_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: is('close'), role, ms: fc.constantFrom(0, 300, 5_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: is('kick', 'destroy', 'reset', 'garbage', 'fault'), role }) },
)

/** Two conns in a world of their own, from the dial on. */
class Run {
  readonly world = createSimWorld()
  readonly sides: Partial<Record<Role, Side>> = {}
  /** What each side accepted to send, as facts. */
  readonly accepted: Record<Role, string[]> = { dialer: [], listener: [] }
  readonly moments: Record<Role, string[]> = { dialer: [], listener: [] }
  #no = 0

  constructor() {
    const given: PairGiven = {
      dialer: { listener: this.#notes('dialer') },
      listener: { listener: this.#notes('listener') },
      options: { writeQueueBytesMax: 2 ** 20 },
    }
    const { links } = this.world
    void links.listen(address, (link) => {
      this.sides.listener = makeSide(this.world, { role: 'listener', link, given })
    })
    this.sides.dialer = makeSide(this.world, { role: 'dialer', link: links.dial(address), given })
  }

  step(step: Step): void {
    const { clock } = this.world
    if ('role' in step) this.#act(this.sides[step.role], step)
    else if (step.kind === 'turn') clock.turn()
    else if (step.kind === 'turns') clock.settle()
    else if (step.kind === 'advance') clock.advance(step.ms)
    else clock.stall(step.ms)
  }

  #act(side: Side | undefined, step: Act): void {
    if (side === undefined) return
    const { conn, link, owner } = side
    switch (step.kind) {
      case 'send': {
        const pack = packOf(step.packKind, this.#no++, step.frameBytes)
        if (conn.send(pack) === 'sent') this.accepted[step.role].push(factOf(pack))
        return
      }
      case 'close':
        return conn.close('shutdown', step.ms)
      case 'kick':
        return conn.kick('kicked')
      case 'destroy':
        return conn.destroy('replaced')
      case 'reset':
        return link.destroy()
      case 'garbage':
        return void link.write(Uint8Array.of(7, 7, 7))
      case 'fault':
        owner.hooks = {
          onPack: () => {
            throw new Error('a fault')
          },
        }
        return
      case 'mute':
        return link.pause()
      case 'unmute':
        return link.resume()
    }
  }

  #notes(name: Role): ConnListener {
    const moments = this.moments[name]
    return {
      onConnOpen: () => moments.push('open'),
      onConnClose: () => moments.push('close'),
      onConnError: () => moments.push('error'),
      onConnRead: () => moments.push('read'),
      onConnWrite: () => moments.push('write'),
    }
  }
}

/** `part` in the order of `whole`, with nothing that `whole` has not. */
function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0
  for (const each of part) {
    at = whole.indexOf(each, at) + 1
    if (at === 0) return false
  }
  return true
}

function expectClosedOnce(run: Run, name: Role): void {
  const side = run.sides[name]
  if (side === undefined) return
  const moments = run.moments[name]
  expect([side.conn.phase, side.owner.closes.length]).toEqual(['closed', 1])
  expect(moments.filter((moment) => moment === 'close')).toHaveLength(1)
  expect(moments.at(-1)).toBe('close')
  expect(moments.filter((moment) => moment === 'open').length).toBe(side.owner.opens)
  expect(side.owner.faults.filter((fault) => String(fault) !== 'Error: a fault')).toEqual([])
  expect(side.conn.send(tell(0))).toBe('closed')
}

it('comes to one close on each side, whatever is done to it and in whatever order', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 25 }), (steps) => {
      const run = new Run()

      for (const step of steps) run.step(step)
      run.sides.dialer?.conn.close('normal')
      run.world.clock.advance(60_000)

      for (const name of roles) expectClosedOnce(run, name)
      expect(run.world.clock.timers).toBe(0)
      // Garbage may fall into the middle of a large frame, whose payload is then another one.
      if (steps.some((step) => step.kind === 'garbage')) return
      expect(isSubsequence(run.sides.listener?.owner.packs ?? [], run.accepted.dialer)).toBe(true)
      expect(isSubsequence(run.sides.dialer?.owner.packs ?? [], run.accepted.listener)).toBe(true)
    }),
    { numRuns: 2_000 },
  )
})

const anyGraceful = fc.record({
  closes: role,
  steps: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: anySend },
      { weight: 2, arbitrary: fc.record({ kind: is('turn', 'turns') }) },
      { weight: 1, arbitrary: fc.record({ kind: is('mute', 'unmute'), role }) },
    ),
    { maxLength: 30 },
  ),
  mutedMs: fc.nat({ max: 4_000 }),
})

it('loses no accepted write when it closes gracefully, and no reply that the peer accepted', () => {
  fc.assert(
    fc.property(anyGraceful, ({ closes, steps, mutedMs }) => {
      const run = new Run()
      run.world.clock.settle()
      const other = closes === 'dialer' ? 'listener' : 'dialer'
      for (const step of steps) run.step(step)

      run.sides[closes]?.conn.close('shutdown', 5_000)
      run.world.clock.advance(mutedMs)
      for (const name of roles) run.step({ kind: 'unmute', role: name })
      run.world.clock.advance(60_000)

      const isReply = (fact: string) => /^(reply|fail)/.test(fact)
      expect(run.sides[other]?.owner.packs).toEqual(run.accepted[closes])
      expect(run.sides[closes]?.owner.packs.filter(isReply)).toEqual(run.accepted[other].filter(isReply))
      for (const name of roles) {
        expectClosedOnce(run, name)
        expect(run.sides[name]?.owner.closes).toEqual(['shutdown'])
      }
    }),
    { numRuns: 1_000 },
  )
})
