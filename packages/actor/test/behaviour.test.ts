import { expect, it } from 'vitest'
import { createMachine, fromCallback, fromObservable, fromPromise, fromTransition } from 'xstate'
import { fromHandler, HandlerLogic, requireBehaviour } from '../src/behaviour.ts'
import { ActorError } from '../src/errors.ts'

const thrownBy = (call: () => unknown): unknown => {
  try {
    return call()
  } catch (error) {
    return error
  }
}

it('makes a behaviour of a function that gets the message and the ctx', () => {
  const logic = fromHandler((message, ctx) => [message, ctx])

  expect(logic).toBeInstanceOf(HandlerLogic)
  expect(logic.concurrency).toBe(1)
  expect(logic.handler.handle('state', 'message', 'ctx' as never)).toEqual(['message', 'ctx'])
})

it('takes a handler with state as it is', () => {
  const handler = { init: () => 1, handle: () => 2, stop: () => {} }

  expect(fromHandler(handler).handler).toBe(handler)
})

it('keeps the concurrency it is given', () => {
  expect(fromHandler(() => 1, { concurrency: 8 }).concurrency).toBe(8)
})

it.each([0, -1, 1.5, Number.NaN, '2'])('refuses a concurrency of %s', (concurrency) => {
  const error = thrownBy(() => fromHandler(() => 1, { concurrency: concurrency as number }))

  expect(error).toMatchObject({ code: 'ERR_ACTOR_BAD_LOGIC' })
})

it.each([
  [undefined],
  [null],
  [42],
  [{}],
  [{ handle: 1 }],
  [{ handle: (): number => 1, init: 1 }],
  [{ handle: (): number => 1, stop: 'x' }],
])('refuses %s as a handler', (handler) => {
  const error = thrownBy(() => fromHandler(handler as never))

  expect(error).toBeInstanceOf(ActorError)
  expect(error).toMatchObject({ code: 'ERR_ACTOR_BAD_LOGIC' })
})

it.each([
  ['a handler', fromHandler(() => 1)],
  ['a machine', createMachine({})],
  ['fromTransition', fromTransition((state) => state, 0)],
  ['fromPromise', fromPromise(async () => 1)],
  ['fromCallback', fromCallback(() => {})],
  ['fromObservable', fromObservable(() => ({ subscribe: () => ({ unsubscribe: () => {} }) }))],
])('lets %s be spawned', (_name, logic) => {
  expect(requireBehaviour(logic)).toBe(logic)
})

it.each([
  ['a bare function', () => 1, 'wrap it in fromHandler'],
  ['a promise', Promise.resolve(1), 'await it first'],
  ['undefined', undefined, 'neither'],
  ['null', null, 'neither'],
  ['a string', 'machine', 'neither'],
  ['half a logic', { transition: () => 1 }, 'neither'],
  ['a lookalike', { transition: 1, getInitialSnapshot: 1 }, 'neither'],
])('refuses %s and says what to do', (_name, logic, hint) => {
  const error = thrownBy(() => requireBehaviour(logic))

  expect(error).toMatchObject({ code: 'ERR_ACTOR_BAD_LOGIC', message: expect.stringContaining(hint) })
})
