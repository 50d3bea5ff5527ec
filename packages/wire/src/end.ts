// Ends: who sends and who is addressed. `EndId` is the key of every routing map; only `endId` makes one.
import { badOption } from './option-checks.ts'

declare const endIdBrand: unique symbol

/** A communicating end. `endType` is 0..255, `endNo` 0..65535; `0:0` is no end. (Seed: P2pEnd.) */
export interface P2pEnd {
  readonly endType: number
  readonly endNo: number
}

/** Wherever an end is taken, `[endType, endNo]` is taken too. */
export type EndLike = P2pEnd | readonly [endType: number, endNo: number]

/** `endType << 16 | endNo`: 24 bits, exact and never negative. */
export type EndId = number & { readonly [endIdBrand]: true }

export const endId = (endType: number, endNo: number): EndId => ((endType << 16) | endNo) as EndId

/** `0:0`, which is no end. */
export const noEnd: EndId = endId(0, 0)

export const endOf = (id: EndId): P2pEnd => ({ endType: id >>> 16, endNo: id & 0xffff })

/** An end as people read it: `2:7`. */
export const formatEnd = (id: EndId): string => `${id >>> 16}:${id & 0xffff}`

/**
 * The id of what a user gave as an end.
 *
 * @throws OptionError `ERR_OPTION_BAD_VALUE` unless it is an end: type 0..255, number 0..65535, not `0:0`.
 */
export function toEndId(end: EndLike, name = 'end'): EndId {
  const [endType, endNo] = isPair(end) ? end : [end?.endType, end?.endNo]
  if (isWithin(endType, 0xff) && isWithin(endNo, 0xffff) && (endType | endNo) !== 0) {
    return endId(endType, endNo)
  }
  const shown = typeof end === 'object' && end !== null ? `${String(endType)}:${String(endNo)}` : end
  throw badOption(name, shown, 'an end from [0, 1] to [255, 65535]')
}

const isPair = (end: EndLike): end is readonly [number, number] => Array.isArray(end)

const isWithin = (value: unknown, max: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
