import { P2pError, WireError, type WireErrorCode } from '@p2pnet/wire'
import { expect, it } from 'vitest'
import { ConnError, reasonOf, shownError, ViolationError } from '../src/errors.ts'

it.each([
  ['ERR_WIRE_BAD_VERSION', 'bad_version'],
  ['ERR_WIRE_BAD_LENGTH', 'bad_length'],
  ['ERR_WIRE_FRAME_TOO_LARGE', 'frame_too_large'],
  ['ERR_WIRE_BAD_HEADER', 'bad_header'],
  ['ERR_WIRE_BAD_FRAME', 'bad_frame'],
  ['ERR_WIRE_PAYLOAD_REFUSED', 'bad_payload'],
  ['ERR_WIRE_PAYLOAD_UNENCODABLE', 'internal_error'],
] as const satisfies readonly (readonly [WireErrorCode, string])[])(
  'closes for %s with %s',
  (code, reason) => {
    expect(reasonOf(new WireError(code, 'a test'))).toBe(reason)
  },
)

it('closes for a violation with the reason it names', () => {
  expect(reasonOf(new ViolationError('bad_proof', 'a test'))).toBe('bad_proof')
})

it.each([[new Error('ours')], [new ConnError('ERR_CONN_FAULT', 'ours')], ['a string'], [undefined], [null]])(
  'closes for anything else (%s) with internal_error',
  (error) => {
    expect(reasonOf(error)).toBe('internal_error')
  },
)

it('tells a violation by its code and its details', () => {
  const error = new ViolationError('kind_not_allowed', 'a frame of kind 3')

  expect(error).toBeInstanceOf(P2pError)
  expect(error).toMatchObject({
    name: 'ConnError',
    code: 'ERR_CONN_VIOLATION',
    message: 'a frame of kind 3',
    details: { reason: 'kind_not_allowed' },
  })
})

it('shows a violation as it is, and anything else as a fault of ours', () => {
  const violation = new ViolationError('bad_source', 'a test')
  const wire = new WireError('ERR_WIRE_BAD_FRAME', 'a test')
  const fault = new TypeError('x is undefined')

  expect([shownError(violation), shownError(wire)]).toEqual([violation, wire])
  expect(shownError(fault)).toMatchObject({ code: 'ERR_CONN_FAULT', message: 'x is undefined', cause: fault })
})
