// What a stranger may not do: nobody is let in who breaks a rule or does not know the secret, both sides see why, and
// the node goes on with all others.
import { randomBytes } from 'node:crypto'
import { challengePack, encodePack, endId, Kind, provePack, readHello, registeredPack } from '@p2pnet/wire'
import { beforeEach, describe, expect, it } from 'vitest'
import { until } from '../support/until.ts'
import { actor, expectEnding, type Stage, secret, startStage } from './hostile-stage.ts'
import { addressOf, codeOf, startNode } from './nodes.ts'
import { control, dataPack, helloOf, listenRaw, proofOf, RawPeer, transcriptOf } from './raw-peer.ts'

let stage: Stage

const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte))

describe('a stranger', () => {
  beforeEach(async () => {
    stage = await startStage('node')
  })

  const hello = encodePack(helloOf({ secret }))
  const tooLarge = Uint8Array.from(hello)
  new DataView(tooLarge.buffer).setUint32(0, 4_097)
  const lines: readonly [string, Uint8Array, string][] = [
    ['another magic', flipped(hello, 4), 'bad_version'],
    ['a length of 0', new Uint8Array(24), 'bad_length'],
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'bad_length'],
    ['TLS', Buffer.from('1603010200010001fc0303', 'hex'), 'bad_length'],
    ['one frame over the limit before open', tooLarge, 'frame_too_large'],
    ['a header that is broken', flipped(hello, 15), 'bad_header'],
    ['hello without its greeting', flipped(hello, 24), 'bad_frame'],
    ['an ask', encodePack(dataPack(Kind.ask, actor, { callSeq: 1 })), 'kind_not_allowed'],
    ['prove before hello', encodePack(provePack(randomBytes(32))), 'kind_not_allowed'],
    ['a kind that nobody knows', encodePack(control(0x3f as Kind)), 'kind_not_allowed'],
    [
      'versions that nobody speaks',
      encodePack(helloOf({ secret, versionMin: 2, versionMax: 9 })),
      'no_common_version',
    ],
    ['that it is a client', encodePack(helloOf({ secret, linkClass: 'client' })), 'class_mismatch'],
    ['that it has no secret', encodePack(helloOf()), 'algorithm_refused'],
  ]

  it.each(lines)('that says %s is rejected', async (_, bytes, reason) => {
    const peer = await RawPeer.connect(addressOf(stage.node))

    peer.send(bytes)

    await expectEnding(stage, peer, `rejected ${reason}`)
  })

  it('that goes without a word leaves no conn', async () => {
    const peer = await RawPeer.connect(addressOf(stage.node))

    peer.socket.end()

    await peer.closed
    await until(() => stage.closes.length > 0)
    expect(stage.closes).toEqual(['peer_ended'])
  })

  it.each([
    ['of another secret', (said: Uint8Array) => proofOf('wrong', 1, said)],
    ['for the other side', (said: Uint8Array) => proofOf(secret, 2, said)],
    ['that is empty', () => new Uint8Array(0)],
    [
      'with a byte too many',
      (said: Uint8Array) => Buffer.concat([proofOf(secret, 1, said), Uint8Array.of(0)]),
    ],
    ['by chance', () => randomBytes(32)],
  ])('with a proof %s is rejected', async (_, prove) => {
    const peer = await RawPeer.connect(addressOf(stage.node))
    const said = peer.send(helloOf({ secret }))
    const challenge = encodePack(await peer.next(Kind.challenge))

    peer.send(provePack(prove(transcriptOf(said, challenge))))

    await expectEnding(stage, peer, 'rejected bad_proof')
  })

  it('that replays a whole handshake is rejected', async () => {
    const honest = await RawPeer.connect(addressOf(stage.node))
    const { frames } = await honest.register({ secret })
    honest.socket.destroy()
    await until(() => stage.closes.length === 1)
    stage.closes.length = 0
    const peer = await RawPeer.connect(addressOf(stage.node))

    for (const frame of [frames[0], frames[2]] as Uint8Array[]) peer.send(frame)

    await expectEnding(stage, peer, 'rejected bad_proof')
  })

  it("that uses the node's own instance id is rejected", async () => {
    const curious = await RawPeer.connect(addressOf(stage.node))
    curious.send(helloOf({ secret }))
    const instance = (await curious.next(Kind.challenge)).payload.slice(9, 25)
    curious.socket.destroy()
    await until(() => stage.closes.length === 1)
    stage.closes.length = 0
    const peer = await RawPeer.connect(addressOf(stage.node))

    peer.send(helloOf({ secret, instance }))

    await expectEnding(stage, peer, 'rejected same_instance')
  })

  it.each([
    ['of the node', endId(2, 1)],
    ['of an actor', actor],
    ['of another node', endId(1, 1)],
  ])('that claims the end %s is rejected, though it knows the secret', async (_, end) => {
    const peer = await RawPeer.connect(addressOf(stage.node))

    const refused = peer.register({ secret, end })

    await expect(refused).rejects.toThrow('closed without')
    await expectEnding(stage, peer, 'rejected end_taken')
  })
})

describe('strangers that have overheard the instance id of a node', () => {
  it('do not keep that node from dialling, and are not taken for it', async () => {
    stage = await startStage('node')
    const { address, accept } = await listenRaw()
    const victim = await startNode([5, 1], { secret })
    const overheard = victim.dial(address).catch(() => {})
    const trap = await accept()
    const { instance } = readHello(await trap.next(Kind.hello))
    trap.socket.destroy()
    await overheard
    for (let no = 0; no < 2; no++) {
      const stranger = await RawPeer.connect(addressOf(stage.node), true)
      stranger.send(helloOf({ secret, instance, end: endId(5, 1) }))
      await stranger.next(Kind.challenge)
    }

    const first = await victim.dial(addressOf(stage.node))
    const second = await victim.dial(addressOf(stage.node))

    await until(() => !first.isOpen)
    expect(second.isOpen).toBe(true)
    expect(await victim.ask([2, 7], 'me')).toBe(1)
  })
})

describe('a listener that reflects the proof', () => {
  it('is not believed: the dialer says why and is told so', async () => {
    const { address, accept } = await listenRaw()
    const dialer = await startNode([1, 1], { secret })
    const dialled = codeOf(dialer.dial(address))
    const peer = await accept()
    const hello = readHello(await peer.next(Kind.hello))
    const limits = { frameBytesMax: 65_536, deadAfterMs: 13_000, asksMax: 10 }
    const said = { version: 1, algorithm: hello.algorithms, features: 0, end: endId(2, 1) }
    peer.send(challengePack({ ...said, instance: randomBytes(16), nonce: randomBytes(32), limits }))
    const prove = await peer.next(Kind.prove)

    peer.send(registeredPack({ end: endId(1, 1), epoch: 1, proof: prove.payload }))

    expect(await dialled).toBe('ERR_CONN_REGISTER_FAILED')
    expect(await peer.ending()).toBe('bye bad_proof')
    expect(dialer.where([2, 1])).toBeUndefined()
  })
})
