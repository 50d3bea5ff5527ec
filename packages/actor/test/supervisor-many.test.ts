// What must stay linear in the number of children. The bounds are loose: quadratic was 20 to 50 times slower.
import { expect, it } from 'vitest'
import { createMachine } from 'xstate'
import { fromHandler } from '../src/behaviour.ts'
import { at, FakeHost } from './fake-host.ts'

const children = 10_000

it.each([
  ['handlers', fromHandler((message) => message), 2_000],
  ['machines with a timer each', createMachine({ after: { 60000: {} } }), 5_000],
])('adds and stops ten thousand %s in linear time', async (_name, logic, boundMs) => {
  const host = new FakeHost()
  await host.start()
  const startedAt = performance.now()

  for (let no = 1; no <= children; no++) host.spawn(no, logic)
  const added = [...host.supervisor.cells()].length
  await host.supervisor.stopAll('shutdown')

  expect([added, host.stopped.length, host.clock.timers]).toEqual([children, children, 0])
  expect(performance.now() - startedAt).toBeLessThan(boundMs)
})

it('stops ten thousand children one by one, oldest first, as fast', async () => {
  const host = new FakeHost()
  await host.start()
  const logic = createMachine({})
  for (let no = 1; no <= children; no++) host.spawn(no, logic)
  const startedAt = performance.now()

  for (let no = 1; no <= children; no++) await host.supervisor.stop(at(no), 'stopped')

  expect([...host.supervisor.cells()]).toEqual([])
  expect(performance.now() - startedAt).toBeLessThan(3_000)
})
