import { P2pError } from '@p2pnet/wire'
import { expect, it } from 'vitest'
import { ActorError, AskError } from '../src/errors.ts'
import { crashFailure, endFailure, expiredFailure, stoppedFailure } from '../src/work-under-way.ts'
import { at } from './fake-host.ts'

it('makes of a failure an error with its code, its facts and whether it may have run', () => {
  const error = new AskError({
    code: 'ERR_ASK_REJECTED',
    mayHaveRun: true,
    message: 'no seats',
    details: { reason: 'no seats', seats: 0 },
  })

  expect(error).toBeInstanceOf(P2pError)
  expect(error).toMatchObject({
    name: 'AskError',
    code: 'ERR_ASK_REJECTED',
    message: 'no seats',
    mayHaveRun: true,
    details: { reason: 'no seats', seats: 0, mayHaveRun: true },
  })
})

it('does not let the details of a rejection say what only the runtime knows', () => {
  const failure = { code: 'ERR_ASK_REJECTED', mayHaveRun: false, message: 'x', details: { mayHaveRun: true } }

  const error = new AskError(failure as never)

  expect(error.details).toEqual({ mayHaveRun: false })
})

it('keeps the cause of an actor error', () => {
  const cause = new Error('the cause')

  const error = new ActorError('ERR_ACTOR_CRASHED', 'the actor 1:1 crashed', { cause })

  expect(error).toMatchObject({ name: 'ActorError', code: 'ERR_ACTOR_CRASHED', cause })
})

it.each([
  ['a crash', crashFailure(at(1)), 'ERR_ASK_ACTOR_CRASHED', true],
  ['an end', endFailure(at(1)), 'ERR_ASK_ABORTED', true],
  ['a stop with the ask still queued', stoppedFailure(at(1)), 'ERR_ASK_NO_ROUTE', false],
  ['an expiry in the mailbox', expiredFailure, 'ERR_ASK_TIMEOUT', false],
])('says of %s whether the ask may have run', (_name, failure, code, mayHaveRun) => {
  expect(failure).toMatchObject({ code, mayHaveRun })
})
