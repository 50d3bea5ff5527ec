// What a registered peer may not do: the conn closes with a reason that both sides see, or the pack is dropped; and the
// node goes on with all others.
import { Claim, endId, Flag, Kind } from '@p2pnet/wire'
import { fromHandler } from 'p2pnet'
import { beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { actor, expectEnding, type Stage, startStage } from './hostile-stage.ts'
import { addressOf } from './nodes.ts'
import { control, dataPack, helloOf, type Identity, RawPeer } from './raw-peer.ts'

let stage: Stage

describe('a client', () => {
  beforeEach(async () => {
    stage = await startStage('client', false)
  })

  const identity: Identity = { linkClass: 'client', claim: Claim.anyNumber, end: endId(10, 0) }
  const range = Uint8Array.of(0, 5, 0, 1, 0, 9, 10, 0, 1, 0, 0, 0, 0, 0, 1, 0)
  const badPayload = dataPack(Kind.tell, actor)
  badPayload.payload = Uint8Array.of(0xd4, 0x72, 0x40)
  const lies: readonly [string, Uint8Array | ReturnType<typeof dataPack>, string][] = [
    ['sends as somebody else', dataPack(Kind.tell, actor, { source: endId(10, 1) }), 'bad_source'],
    ['asks as an actor of the node', dataPack(Kind.ask, actor, { source: actor, callSeq: 1 }), 'bad_source'],
    ['announces', control(Kind.announce, range), 'kind_not_allowed'],
    ['tells the gateway to drain', control(Kind.drain), 'kind_not_allowed'],
    ['says hello again', helloOf(identity), 'kind_not_allowed'],
    ['sends a payload that the pre-scan refuses', badPayload, 'bad_payload'],
    [
      'sends a frame over its limit',
      dataPack(Kind.tell, actor, { value: 'x'.repeat(66_000) }),
      'frame_too_large',
    ],
  ]

  it.each(lies)('that %s is sent away', async (_, pack, reason) => {
    const peer = await RawPeer.connect(addressOf(stage.node))
    await peer.register(identity)

    peer.send(pack)

    await expectEnding(stage, peer, `bye ${reason}`)
    expect(stage.heard).toEqual(['still there?'])
  })

  it('that asks twice with one call id, to escape the limit of its asks, is sent away', async () => {
    stage.node.spawn(
      [2, 8],
      fromHandler(() => new Promise(() => {})),
      { shutdownMs: 1 },
    )
    const peer = await RawPeer.connect(addressOf(stage.node))
    await peer.register(identity)

    for (let no = 0; no < 2; no++) peer.send(dataPack(Kind.ask, endId(2, 8), { callTag: 7, callSeq: 7 }))

    await expectEnding(stage, peer, 'bye bad_frame')
  })

  it('has so many asks worked on as its limit says, and goes on', async () => {
    stage.node.spawn(
      [2, 8],
      fromHandler(() => new Promise(() => {})),
      { shutdownMs: 1 },
    )
    const peer = await RawPeer.connect(addressOf(stage.node))
    await peer.register(identity)

    for (let seq = 0; seq < 102; seq++)
      peer.send(dataPack(Kind.ask, endId(2, 8), { callTag: 7, callSeq: seq }))
    const fails = [await peer.next(Kind.fail), await peer.next(Kind.fail)]

    // Code 4 is overloaded, 0 says that it has not run.
    expect(fails.map((fail) => [fail.callSeq, fail.payload[0], fail.payload[1]])).toEqual([
      [100, 4, 0],
      [101, 4, 0],
    ])
    expect(stage.closes).toEqual([])
  })
})

describe('between nodes', () => {
  beforeEach(async () => {
    stage = await startStage('node', false)
  })

  it('0 packs of a spoofed source are delivered, and the conn goes on', async () => {
    const peer = await RawPeer.connect(addressOf(stage.node))
    const { end } = await peer.register()

    for (const source of [endId(1, 1), actor, endId(77, 7), endId(2, 1), endId(0, 0)]) {
      peer.send(dataPack(Kind.tell, actor, { source, value: 'lie' }))
      peer.send(dataPack(Kind.ask, actor, { source, value: 'lie', callSeq: source + 1 }))
    }
    peer.send(dataPack(Kind.ask, actor, { source: end, value: 'truth', callSeq: 1, callTag: 1 }))
    await peer.next(Kind.reply)

    expect(stage.heard).toEqual(['truth'])
    expect(stage.closes).toEqual([])
  })

  it('0 replies of ghosts resolve an ask: not by another source, tag, sequence or conn', async () => {
    const [asked, ghost] = [
      await RawPeer.connect(addressOf(stage.node)),
      await RawPeer.connect(addressOf(stage.node)),
    ]
    const { end } = await asked.register({ end: endId(5, 1) })
    await ghost.register({ end: endId(5, 2) })
    const answer = stage.node.ask([5, 1], 'who?')
    const { callTag, callSeq } = await asked.next(Kind.ask)
    const reply = { source: end, callTag, callSeq, value: 'ghost' }

    ghost.send(dataPack(Kind.reply, endId(2, 1), reply))
    ghost.send(dataPack(Kind.fail, endId(2, 1), { ...reply, value: undefined }))
    asked.send(dataPack(Kind.reply, endId(2, 1), { ...reply, source: endId(5, 2) }))
    asked.send(dataPack(Kind.reply, endId(2, 1), { ...reply, callTag: callTag ^ 1 }))
    asked.send(dataPack(Kind.reply, endId(2, 1), { ...reply, callSeq: callSeq + 1 }))
    await until(() => stage.node.stats().packsIn >= 5 && ghost.socket.bytesWritten > 0)
    asked.send(dataPack(Kind.reply, endId(2, 1), { ...reply, value: 'asked' }))

    expect(await answer).toBe('asked')
    expect(stage.closes).toEqual([])
  })

  it('a flag of a newer version is refused at its destination, and the conn goes on', async () => {
    const peer = await RawPeer.connect(addressOf(stage.node))
    const { end } = await peer.register()
    const ask = dataPack(Kind.ask, actor, { source: end, callTag: 1, callSeq: 1, value: 'newer' })
    ask.flags = 0x40 | Flag.fromClient

    peer.send(ask)
    const fail = await peer.next(Kind.fail)

    expect([fail.payload[0], fail.payload[1], stage.heard]).toEqual([6, 0, []])
  })
})
