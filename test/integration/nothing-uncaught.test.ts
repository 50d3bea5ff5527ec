// Whatever of a user's throws or rejects ends an actor or nothing at all, and never the process.
import { beforeAll, describe, expect, it } from 'vitest'
import { build, startChild } from './children.ts'

beforeAll(build, 60_000)

describe('a process whose handlers, machines, hooks and listeners all throw and reject', () => {
  it('has 0 uncaught errors, and its node still answers', async () => {
    const child = startChild('faults-process.mjs')

    const { uncaught, answers, logged, ends } = await child.next()

    expect(uncaught).toEqual([])
    expect(answers).toEqual(Array(4).fill('still there?'))
    expect(Number(logged)).toBeGreaterThan(50)
    expect(ends).toHaveProperty('ERR_ASK_ACTOR_CRASHED')
    expect(await child.exited).toBe(0)
    expect(child.output()).toBe('')
  })
})
