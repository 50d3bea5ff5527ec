// Makes docs/wire-vectors.json: `P2PNET_WRITE_VECTORS=1 pnpm exec vitest run packages/wire/test/vectors.test.ts`.
// What is written here by hand is what frames mean; their bytes are our encoder's, then golden.
import { encodePack } from '../src/frame-encoder.ts'
import { hex } from './bytes.ts'
import { type FrameFacts, factsOf, packOf } from './frame-facts.ts'
import { payloads, refusedFrames, refusedPayloads } from './hand-made-vectors.ts'
import { challengeBody, handshakes, helloBody, nonceOf, secret } from './make-handshakes.ts'

const call = { callTag: 0x5eed0001, callSeq: 7 }
const way = { source: '1:1', destination: '2:7', ...call }
const trace = '4bf92f3577b34da6a3ce929d0e0e4736' + '00f067aa0ba902b7' + '01'
const range = { endType: 2, lo: 7, hi: 9 }

const frames: Readonly<Record<string, FrameFacts>> = {
  hello: { kind: 'hello', body: helloBody },
  'hello of a client that takes any number of type 10': {
    kind: 'hello',
    body: { ...helloBody, linkClass: 'client', claim: 1, end: '10:0' },
  },
  'hello of an end that was registered before': {
    kind: 'hello',
    body: { ...helloBody, lastEpoch: 1_795_000_000_000 },
  },
  challenge: { kind: 'challenge', body: challengeBody },
  prove: { kind: 'prove', body: { $bytes: hex(nonceOf('some proof')) } },
  'prove without a secret': { kind: 'prove', body: { $bytes: '' } },
  registered: {
    kind: 'registered',
    body: { end: '1:1', epoch: 1_795_000_000_001, proof: { $bytes: hex(nonceOf('another proof')) } },
  },
  'registered without a secret': {
    kind: 'registered',
    body: { end: '10:3', epoch: 2 ** 48 - 1, proof: { $bytes: '' } },
  },
  rejected: { kind: 'rejected', body: 'bad_proof' },
  ping: { kind: 'ping', body: { $bytes: '0102030405060708' } },
  pong: { kind: 'pong', body: { $bytes: '0102030405060708' } },
  announce: {
    kind: 'announce',
    body: {
      isLast: true,
      ranges: [
        { ...range, origin: '2:1', epoch: 1_795_000_000_002, hops: 0 },
        { endType: 3, lo: 1, hi: 1, origin: '4:1', epoch: 1, hops: 2 },
      ],
    },
  },
  'announce of nothing, the last': { kind: 'announce', body: { isLast: true, ranges: [] } },
  'announce that is not the last': {
    kind: 'announce',
    body: {
      isLast: false,
      ranges: [{ endType: 255, lo: 0, hi: 65_535, origin: '255:65535', epoch: 2 ** 48 - 1, hops: 255 }],
    },
  },
  withdraw: { kind: 'withdraw', body: [range, { endType: 3, lo: 1, hi: 1 }] },
  refuse: { kind: 'refuse', body: [range] },
  drain: { kind: 'drain' },
  drained: { kind: 'drained' },
  bye: { kind: 'bye', body: 'shutdown' },
  tell: { kind: 'tell', source: '1:1', destination: '2:7', body: { hello: 1 } },
  'tell of undefined': { kind: 'tell', source: '1:1', destination: '2:7', body: { $undefined: true } },
  'tell of a client, as it sends it': { kind: 'tell', destination: '2:7', body: [1, 2, 3] },
  'tell of a client, as its gateway forwards it': {
    ...{ kind: 'tell', source: '10:3', destination: '2:7', hops: 1, flags: 0x10 },
    body: [1, 2, 3],
  },
  ask: { kind: 'ask', ...way, body: { hello: 2 } },
  'ask with a deadline': { kind: 'ask', ...way, deadlineMs: 5000, body: null },
  'ask with an epoch': { kind: 'ask', ...way, epoch: 1_795_000_000_002, body: null },
  'ask with subs': { kind: 'ask', ...way, sub: { source: 70_001, destination: 0 }, body: null },
  'ask with a trace': { kind: 'ask', ...way, trace, body: null },
  'ask with every field': {
    ...{ kind: 'ask', ...way, hops: 15, flags: 0x10, deadlineMs: 0xffffffff, epoch: 2 ** 48 - 1, trace },
    ...{ sub: { source: 1, destination: 0xffffffff }, body: 'all of it' },
  },
  reply: { kind: 'reply', source: '2:7', destination: '1:1', ...call, body: { echo: { hello: 2 } } },
  'reply of undefined': {
    kind: 'reply',
    source: '2:7',
    destination: '1:1',
    ...call,
    body: { $undefined: true },
  },
  fail: {
    ...{ kind: 'fail', source: '2:7', destination: '1:1', ...call },
    body: { code: 'ERR_ASK_TIMEOUT', mayHaveRun: true, message: 'no answer from 2:7 in time' },
  },
  'fail with details': {
    ...{ kind: 'fail', source: '2:7', destination: '1:1', ...call },
    body: {
      ...{ code: 'ERR_ASK_REJECTED', mayHaveRun: true, message: 'not enough gold: 3 of 5 €' },
      details: { reason: 'not enough gold', has: 3, needs: 5 },
    },
  },
  cancel: { kind: 'cancel', ...way },
  'tell with a flag and a field of a newer peer': {
    ...{
      kind: 'tell',
      source: '1:1',
      destination: '2:7',
      flags: 0x20,
      unknownFields: '0102030405060708',
      body: 1,
    },
  },
  'an ignorable kind of a newer peer': { kind: '0x90', flags: 0x40, body: { $bytes: 'cafe' } },
}

/** What docs/wire.md tells byte by byte. */
function conversation() {
  const opening = handshakes.find(({ name }) => name === 'a secret')
  const greeted = (opening?.frames ?? []).map(({ from, kind, hex }) => ({ from, kind, hex }))
  const talk: readonly (readonly ['dialer' | 'listener', FrameFacts])[] = [
    [
      'listener',
      {
        kind: 'announce',
        body: { isLast: true, ranges: [{ ...range, origin: '2:1', epoch: 1_795_000_000_002, hops: 0 }] },
      },
    ],
    ['dialer', { kind: 'announce', body: { isLast: true, ranges: [] } }],
    ['dialer', { kind: 'ask', ...way, deadlineMs: 5000, body: { hello: 2 } }],
    ['listener', { kind: 'reply', source: '2:7', destination: '1:1', ...call, body: { echo: { hello: 2 } } }],
    ['dialer', { kind: 'ping', body: { $bytes: '0000000000000001' } }],
    ['listener', { kind: 'pong', body: { $bytes: '0000000000000001' } }],
    ['dialer', { kind: 'drain' }],
    ['listener', { kind: 'drained' }],
    ['dialer', { kind: 'bye', body: 'shutdown' }],
  ]
  const talked = talk.map(([from, facts]) => ({
    from,
    kind: facts.kind,
    hex: hex(encodePack(packOf(facts))),
  }))
  return [{ name: 'a whole conversation', secret, frames: [...greeted, ...talked] }]
}

/** The file, as an object. */
export function makeVectors() {
  return {
    version: 1,
    about:
      'Golden vectors of docs/wire.md. Limits: a length of 1048576, payloads of class node. Ends are type:number. ' +
      'What JSON lacks is tagged: $bytes is hex, $int an integer beyond 53 bits, $float NaN or an infinity, ' +
      '$date a timestamp, $undefined the empty payload.',
    frames: Object.entries(frames).map(([name, facts]) => ({ name, ...encoded(facts) })),
    payloads,
    refusedFrames,
    refusedPayloads,
    handshakes,
    conversations: conversation(),
  }
}

function encoded(facts: FrameFacts): { hex: string; decoded: FrameFacts } {
  const pack = packOf(facts)
  return {
    hex: hex(encodePack(pack)),
    decoded: { ...factsOf(pack), ...facts },
  }
}
