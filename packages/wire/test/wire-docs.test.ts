// docs/wire.md says what the code does: its tables equal constants.ts and frame-rules.ts, its hex blocks are
// those of docs/wire-vectors.json.
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  Algorithm,
  announceEntryBytes,
  announceLast,
  Claim,
  CloseReason,
  FailCode,
  FieldBytes,
  Flag,
  Frame,
  Handshake,
  Kind,
  LinkClass,
  Offset,
  rangeBytes,
} from '../src/constants.ts'
import { type ConnSide, frameRules, type Verdict } from '../src/frame-rules.ts'

/** Tables without the blanks that line them up. */
const page = readFileSync(new URL('../../../docs/wire.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => (line.startsWith('|') ? line.replaceAll(/ +/g, ' ') : line))
  .join('\n')
const vectors = JSON.parse(readFileSync(new URL('../../../docs/wire-vectors.json', import.meta.url), 'utf8'))

/** The body rows of the table whose header row begins so, cell by cell. */
function tableOf(header: string): string[][] {
  const lines = page
    .slice(page.indexOf(`\n| ${header}`))
    .trimStart()
    .split('\n')
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(2, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** Names and numbers of a table with the number in its first column and the name in its second. */
const namesOf = (header: string): Record<string, number> =>
  Object.fromEntries(tableOf(header).map(([number, name]) => [name, Number(number)]))

describe('a table of docs/wire.md', () => {
  it.each([
    ['kind | name', Kind],
    ['flag | name', Flag],
    ['number | name | who', LinkClass],
    ['bit | algorithm', Algorithm],
    ['number | claim', Claim],
    ['number | name | |', CloseReason],
    ['code | name', FailCode],
  ])('%s has the numbers of the code', (header, numbers) => {
    expect(namesOf(header)).toEqual(numbers)
  })

  it('has the offsets of the header', () => {
    const rows = tableOf('offset | bytes | field | |')

    expect(Object.fromEntries(rows.map(([offset, , field]) => [field, Number(offset)]))).toEqual(Offset)
    expect(rows.reduce((sum, [, bytes]) => sum + Number(bytes), 0)).toBe(Frame.headerBytes)
  })

  it('has the sizes of the optional fields', () => {
    const rows = tableOf('flag | name').filter(([, name]) => name !== 'fromClient')

    expect(Object.fromEntries(rows.map(([, name, bytes]) => [name, Number(bytes)]))).toEqual(FieldBytes)
  })

  it('has the sizes of the handshake', () => {
    const { greeting, ...sizes } = Handshake

    expect(Object.fromEntries(tableOf('size | value').map(([name, value]) => [name, Number(value)]))).toEqual(
      sizes,
    )
    expect(page).toContain(`\`${greeting.toString(16).replaceAll(/..\B/g, '$& ')}\``)
  })

  it('has the other numbers in its words', () => {
    expect(page).toContain(`At least ${Frame.lengthMin}`)
    expect(page).toContain(`\`0x${Frame.magic.toString(16)}\`: magic and version ${Frame.version}`)
    expect(page).toContain(`| 1 | ${announceEntryBytes} each |`)
    expect(page).toContain(`\`0x0${announceLast}\`: the last announce`)
    expect(page).toContain(`${rangeBytes} bytes each`)
  })
})

describe('the table of who may send what', () => {
  const columns: readonly ConnSide[] = [
    { phase: 'greeting', role: 'listener', linkClass: 'node' },
    { phase: 'proving', role: 'listener', linkClass: 'client' },
    { phase: 'greeting', role: 'dialer', linkClass: 'client' },
    { phase: 'proving', role: 'dialer', linkClass: 'node' },
    { phase: 'open', role: 'dialer', linkClass: 'node' },
    { phase: 'open', role: 'listener', linkClass: 'client' },
    { phase: 'open', role: 'dialer', linkClass: 'client' },
    { phase: 'draining', role: 'listener', linkClass: 'node' },
    { phase: 'draining', role: 'listener', linkClass: 'client' },
    { phase: 'draining', role: 'dialer', linkClass: 'client' },
  ]
  const words: Record<Verdict, string> = { accept: 'yes', discard: 'read', refuse: '-' }
  const rows = tableOf('kind | listener')

  it('has every kind that is not for a later version, and the rest in ranges', () => {
    const named = Object.keys(Kind).filter((name) => Kind[name as keyof typeof Kind] < Kind.watch) // Its own keys.

    expect(rows.map(([name]) => name)).toEqual([...named, '0x45 to 0x7f', '0x80 to 0xff'])
  })

  it.each(rows)('says of %s what the code does', (name, ...cells) => {
    const [from, to = from] = (
      name.startsWith('0x') ? name.split(' to ') : [Kind[name as keyof typeof Kind]]
    ).map(Number)

    for (let kind = Number(from); kind <= Number(to); kind++) {
      expect(columns.map((side) => words[frameRules(side)[kind] ?? 'refuse'])).toEqual(cells)
    }
  })
})

describe('the conversation of docs/wire.md', () => {
  const blocks = [...page.matchAll(/```hex (\d+) (\w+)\n([^`]+)```/g)].map(([, number, kind, text]) => ({
    ...{ number: Number(number), kind },
    lines: (text ?? '').trimEnd().split('\n'),
  }))
  const hexOf = (line: string): string => line.replace(/ {2}.*$/, '').replaceAll(' ', '')

  it('is that of the vectors, frame by frame', () => {
    const [{ frames }] = vectors.conversations

    const told = blocks.map(({ kind, lines }) => ({ kind, hex: lines.map(hexOf).join('') }))

    expect(told).toEqual(frames.map(({ kind, hex }: { kind: string; hex: string }) => ({ kind, hex })))
    expect(blocks.map(({ number }) => number)).toEqual(frames.map((_: unknown, index: number) => index + 1))
  })

  it('explains every byte', () => {
    const unexplained = blocks
      .flatMap(({ lines }) => lines)
      .filter((line) => !/^([0-9a-f]{2} )+ +\S/.test(line))

    expect(unexplained).toEqual([])
  })

  it('has the key and the transcript of the vectors', () => {
    const handshake = vectors.handshakes.find(({ name }: { name: string }) => name === 'a secret')

    expect(page).toContain(`K = ${handshake.K}\nT = ${handshake.T}`)
    expect(page).toContain(`\`${handshake.secret}\``)
  })
})
