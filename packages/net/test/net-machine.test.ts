import { describe, expect, it } from 'vitest'
import { createActor, initialTransition, transition } from 'xstate'
import { type NetEvent, netMachine } from '../src/net-machine.ts'

function stateAfter(...types: readonly NetEvent['type'][]): string {
  let [snapshot] = initialTransition(netMachine)
  for (const type of types) [snapshot] = transition(netMachine, snapshot, { type })
  return snapshot.value
}

describe('the machine of a net', () => {
  it.each([
    [[], 'starting'],
    [['started'], 'running'],
    [['started', 'close.requested'], 'draining'],
    [['started', 'close.requested', 'drained'], 'stopped'],
    [['close.requested'], 'draining'],
    [['close.requested', 'drained'], 'stopped'],
  ] as const)('is after %j: %s', (types, state) => {
    expect(stateAfter(...types)).toBe(state)
  })

  it.each([
    ['drained', 'starting', []],
    ['started', 'draining', ['close.requested']],
    ['close.requested', 'draining', ['close.requested']],
    ['drained', 'running', ['started']],
  ] as const)('ignores %s when it is %s', (type, state, before) => {
    expect(stateAfter(...before, type)).toBe(state)
  })

  it('ends when it is stopped, and then takes no event', () => {
    const actor = createActor(netMachine).start()

    actor.send({ type: 'close.requested' })
    actor.send({ type: 'drained' })

    expect(actor.getSnapshot().status).toBe('done')
  })
})
