import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, it } from 'vitest'
import { type AnyActorRef, createActor, createMachine, raise, sendTo, setup } from 'xstate'
import { SimClock } from '../../../test/support/sim-clock.ts'
import { supervisorLogic } from '../src/supervisor-logic.ts'
import { indexTimers, parentOf, watchActors } from '../src/xstate-internals.ts'
import { contracts, isDevelopmentBuild } from './xstate-contract.mjs'

/** Runs all contracts where nobody sets conditions, and prints what became of each. */
const script = `
  import { contracts, isDevelopmentBuild } from './xstate-contract.mjs'
  const results = { isDevelopmentBuild: isDevelopmentBuild() }
  for (const [name, check] of Object.entries(contracts)) {
    try { await check(); results[name] = 'holds' } catch (error) { results[name] = String(error) }
  }
  console.log(JSON.stringify(results))
`

describe('xstate’s development build', () => {
  it('is what vitest loads', () => {
    expect(isDevelopmentBuild()).toBe(true)
  })

  it.each(Object.entries(contracts))('%s', async (_name, check) => {
    await check()
  })
})

describe('xstate’s production build', () => {
  let results: Record<string, unknown> = {}

  beforeAll(async () => {
    const cwd = fileURLToPath(new URL('.', import.meta.url))
    const { NODE_OPTIONS: _, ...env } = process.env
    const args = ['--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, env })
    results = JSON.parse(stdout)
  })

  it('is what plain Node loads', () => {
    expect(results.isDevelopmentBuild).toBe(false)
  })

  it.each(Object.keys(contracts))('%s', (name) => {
    expect(results[name]).toBe('holds')
  })
})

function rootOn(clock: SimClock): AnyActorRef {
  const root = createActor(supervisorLogic(), { clock: clock as never }) // xstate's own shape.
  indexTimers(root)
  return root.start()
}

describe('indexed timers', () => {
  const timed = createMachine({
    initial: 'a',
    states: { a: { after: { 100: 'b' }, on: { hurry: 'b' } }, b: {} },
  })

  it('fire at their time, on the clock of the system', () => {
    const clock = new SimClock()
    const actor = createActor(timed, { parent: rootOn(clock) }).start()

    clock.advance(99)
    const before = actor.getSnapshot().value
    clock.advance(1)

    expect([before, actor.getSnapshot().value]).toEqual(['a', 'b'])
    expect(clock.timers).toBe(0)
  })

  it('are cancelled when their state is left, and when their actor stops, and no others are', () => {
    const clock = new SimClock()
    const root = rootOn(clock)
    const [leaving, staying] = [createActor(timed, { parent: root }), createActor(timed, { parent: root })]
    const parent = createActor(
      createMachine({
        invoke: { src: timed },
        on: { end: '.over' },
        initial: 'a',
        states: { a: {}, over: {} },
      }),
      { parent: root },
    )
    for (const actor of [leaving, staying, parent]) actor.start()
    const before = clock.timers

    leaving.send({ type: 'hurry' })
    const afterLeaving = clock.timers
    stopAsParent(parent)

    expect([before, afterLeaving, clock.timers]).toEqual([3, 2, 1])
    clock.advance(100)
    expect(staying.getSnapshot().value).toBe('b')
  })

  it('with one id: the latest is the one that is cancelled', () => {
    const clock = new SimClock()
    const logic = setup({
      types: {
        context: {} as { seen: number[] },
        events: {} as { type: 'start' | 'due'; no: number } | { type: 'cancel' },
      },
    }).createMachine({
      context: { seen: [] },
      on: {
        start: {
          actions: raise(({ event }) => ({ type: 'due', no: event.no }), { id: 'same', delay: 100 }),
        },
        cancel: { actions: ({ self, system }) => system.scheduler.cancel(self, 'same') },
        due: { actions: ({ context, event }) => void context.seen.push(event.no) },
      },
    })
    const actor = createActor(logic, { parent: rootOn(clock) }).start()
    actor.send({ type: 'start', no: 1 })
    clock.advance(10)
    actor.send({ type: 'start', no: 2 })

    actor.send({ type: 'cancel' })
    clock.advance(200)

    expect(actor.getSnapshot().context.seen).toEqual([1])
  })
})

describe('watched actions', () => {
  it('report the actor whose action it was', async () => {
    const clock = new SimClock()
    const root = rootOn(clock)
    const reported: unknown[] = []
    watchActors(root, (actor, error) => reported.push([actor.id, parentOf(actor)?.id, error]))
    const child = createMachine({ on: { go: { actions: () => Promise.reject(new Error('boom')) } } })
    const logic = createMachine({
      invoke: { id: 'child', src: child },
      on: { go: { actions: sendTo('child', { type: 'go' }) } },
    })
    const actor = createActor(logic, { id: 'actor', parent: root }).start()

    actor.send({ type: 'go' })
    await clock.rest()

    expect(reported).toEqual([['child', 'actor', new Error('boom')]])
  })

  it('do not take an event that a user makes up for a crash', () => {
    const clock = new SimClock()
    const root = rootOn(clock)
    watchActors(root, () => {})
    const child = createMachine({
      invoke: { id: 'inner', src: createMachine({}) },
      on: {
        lie: {
          actions: sendTo(({ self }) => parentOf(self) as AnyActorRef, {
            type: 'xstate.error.actor.made-up',
          }),
        },
      },
    })
    const logic = createMachine({
      invoke: { id: 'child', src: child },
      on: { 'xstate.error.actor.made-up': {} },
    })
    const actor = createActor(logic, { parent: root }).start()
    const liar = actor.getSnapshot().children.child as AnyActorRef

    liar.send({ type: 'lie' })

    expect(actor.getSnapshot().status).toBe('active')
    expect(liar.getSnapshot().children.inner.getSnapshot().status).toBe('active')
  })
})

/** Stops an actor as its supervisor does. */
function stopAsParent(actor: AnyActorRef): void {
  const parent = parentOf(actor) as unknown as { _actorScope: { stopChild(child: AnyActorRef): void } } // By contract.
  parent._actorScope.stopChild(actor)
}
