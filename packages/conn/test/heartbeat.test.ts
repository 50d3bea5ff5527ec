import { controlPack, Kind, WireError } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { Heartbeat, pingEcho } from '../src/heartbeat.ts'
import { defaultNodeOptions } from '../src/options.ts'

const options = { ...defaultNodeOptions, pingAfterMs: 100, deadAfterMs: 250 }

describe('the heartbeat of a listener', () => {
  it('pings when the peer has been silent for pingAfterMs, and not before', () => {
    const heartbeat = new Heartbeat('listener', options, 1_000)

    const verdicts = [1_099, 1_100].map((nowMs) => heartbeat.check(nowMs))

    expect(verdicts).toEqual(['well', 'ping'])
  })

  it('is well while anything is heard', () => {
    const heartbeat = new Heartbeat('listener', options, 0)
    heartbeat.heard(90)

    expect(heartbeat.check(189)).toBe('well')
  })
})

describe('the heartbeat of a dialer', () => {
  it('pings when it has itself been silent for pingAfterMs, although it hears the peer', () => {
    const heartbeat = new Heartbeat('dialer', options, 0)
    heartbeat.heard(99)

    expect([99, 100].map((nowMs) => heartbeat.check(nowMs))).toEqual(['well', 'ping'])
  })

  it('is well while it speaks and hears', () => {
    const heartbeat = new Heartbeat('dialer', options, 0)
    heartbeat.spoke(60)
    heartbeat.heard(70)

    expect(heartbeat.check(159)).toBe('well')
  })
})

describe.each(['listener', 'dialer'] as const)('the heartbeat of each %s', (role) => {
  it('finds the peer dead after deadAfterMs without input, and not before', () => {
    const heartbeat = new Heartbeat(role, options, 0)
    heartbeat.heard(1_000)
    heartbeat.spoke(1_249)
    heartbeat.ping(1_249)

    expect([1_249, 1_250].map((nowMs) => heartbeat.check(nowMs))).toEqual(['well', 'dead'])
  })

  it('pings when the peer has been silent, although it speaks itself', () => {
    const heartbeat = new Heartbeat(role, options, 0)
    heartbeat.spoke(99)

    expect(heartbeat.check(100)).toBe('ping')
  })

  it('pings once per pingAfterMs of silence, not at every check', () => {
    const heartbeat = new Heartbeat(role, options, 0)
    heartbeat.ping(100)

    expect([101, 199, 200].map((nowMs) => heartbeat.check(nowMs))).toEqual(['well', 'well', 'ping'])
  })

  it('forgives the time in which we could not read', () => {
    const heartbeat = new Heartbeat(role, options, 0)
    heartbeat.ping(1_240)
    heartbeat.forgive(1_000)

    expect([1_249, 1_250].map((nowMs) => heartbeat.check(nowMs))).not.toEqual(['dead', 'dead'])
    expect(heartbeat.check(1_250)).toBe('dead')
  })

  it('measures the round trip by the pong of its last ping only', () => {
    const heartbeat = new Heartbeat(role, options, 0)
    const first = heartbeat.ping(100)
    const last = heartbeat.ping(200)

    heartbeat.pong(first, 205)
    const afterFirst = heartbeat.roundTripMs
    heartbeat.pong(last, 230)

    expect([afterFirst, heartbeat.roundTripMs]).toEqual([undefined, 30])
  })
})

it('echoes the eight bytes of a ping and leaves what follows them', () => {
  const payload = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9)

  expect([...pingEcho(controlPack(Kind.ping, payload))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
})

it('refuses a ping of seven bytes', () => {
  expect(() => pingEcho(controlPack(Kind.ping, new Uint8Array(7)))).toThrow(WireError)
})
