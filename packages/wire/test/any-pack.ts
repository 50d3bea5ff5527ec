// Arbitrary packs for property tests, and a pack as plain facts that can be compared.
import fc from 'fast-check'
import { Kind } from '../src/constants.ts'
import { endId } from '../src/end.ts'
import { P2pPack, type PackFields } from '../src/p2p-pack.ts'
import { hex } from './bytes.ts'

const uint32 = fc.nat({ max: 0xffffffff })

const anyEnd = fc
  .tuple(fc.nat({ max: 255 }), fc.nat({ max: 65_535 }))
  .map(([endType, endNo]) => endId(endType, endNo))

const anyFields: fc.Arbitrary<PackFields> = fc.record(
  {
    epoch: fc.nat({ max: 2 ** 48 - 1 }),
    sub: fc.record({ source: uint32, destination: uint32 }),
    trace: fc.uint8Array({ minLength: 25, maxLength: 25 }),
    unknown: fc.uint8Array({ minLength: 1, maxLength: 188 }),
  },
  { requiredKeys: [] },
)

const header = fc.record({
  source: anyEnd,
  destination: anyEnd,
  hops: fc.nat({ max: 255 }),
  callTag: uint32,
  callSeq: uint32,
  payload: fc.uint8Array({ maxLength: 300 }),
})

const routed = fc.record({
  kind: fc.constantFrom<Kind>(Kind.tell, Kind.ask, Kind.reply, Kind.fail, Kind.cancel),
  flags: fc.nat({ max: 15 }).map((high) => high << 4),
  deadlineMs: fc.option(uint32, { nil: undefined }),
  fields: fc.option(anyFields, { nil: undefined }),
})

const control = fc.record({
  kind: fc.constantFrom<Kind>(Kind.hello, Kind.ping, Kind.announce, Kind.bye),
})

/** Any pack that may legally travel: routed ones with fields and flags, control ones without. */
export const anyPack: fc.Arbitrary<P2pPack> = fc
  .tuple(header, fc.oneof(routed, control))
  .map(([common, rest]) => Object.assign(new P2pPack(rest.kind), common, rest))

/** A pack as plain data; flags that only announce fields are left out, because the encoder sets them. */
export function factsOf(pack: P2pPack): Record<string, unknown> {
  const { kind, flags, source, hops, destination, callTag, callSeq, deadlineMs, fields } = pack
  const isEmpty = fields === undefined || Object.keys(fields).length === 0
  return {
    ...{ kind, source, hops, destination, callTag, callSeq, deadlineMs },
    flags: flags & 0xf0,
    fields: isEmpty ? undefined : fields,
    payload: hex(pack.payload),
  }
}
