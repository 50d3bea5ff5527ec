import { describe, expect, it } from 'vitest'
import { toSvg } from '../src/picture.ts'
import { lineText, renderNode, renderTree, span, toAnsi } from '../src/tree.ts'
import { anActor, anArena, aView } from './views.ts'

describe('renderTree', () => {
  it('draws nodes, their actors and the robots in columns', () => {
    const match = anActor({
      name: 'match',
      end: '3:3',
      behaviour: 'machine',
      chart: 'playing',
      perSecond: 66,
    })
    const view = aView(anArena(anActor({ restarts: 2 }), match))

    const text = renderTree(view).map((line) => lineText(line).trimEnd())

    expect(text).toEqual([
      'P2pNet demo  4.2 s                                     restarts  messages/s',
      'arena          3:1   ● running 2 conns                        0       1,300',
      '├─ world       3:2   ● idle                                   2       1,234',
      '└─ match       3:3   ● idle playing                           0          66',
      'robots         10:*  ● running 24 clients                               950',
      'robots -> relayIn -> lobby, arena -> relayOut -> robots; idle: nothing waits',
      'c crash an arena actor   q drain and quit                210 asks/s, 3 open',
    ])
  })

  it.each([
    ['idle', 'green'],
    ['busy', 'green'],
    ['backing off', 'red'],
    ['crash looping', 'red'],
    ['starting', 'yellow'],
  ])('draws %s in %s', (state, colour) => {
    const [, line = []] = renderNode(anArena(anActor({ state })))

    expect(line.find(({ text }) => text === state)?.colour).toBe(colour)
  })

  it('shows how many messages wait for an actor that is down', () => {
    const [, line = []] = renderNode(anArena(anActor({ state: 'backing off', queued: 1_047 })))

    expect(lineText(line)).toContain('● backing off 1,047 waiting ')
  })

  it('keeps the columns however full the state is', () => {
    const looping = anActor({ state: 'crash looping', queued: 16_384, restarts: 12 })

    const widths = renderNode(anArena(anActor(), looping)).map((line) => lineText(line).length)

    expect(new Set(widths)).toEqual(new Set([75]))
  })
})

describe('toAnsi', () => {
  it('colours a line and cuts it at the edge of the screen', () => {
    const line = [span('down ', 'red'), span('and out')]

    expect(toAnsi(line, 8)).toBe('\x1b[1;31mdown \x1b[0mand')
    expect(toAnsi(line, 3)).toBe('\x1b[1;31mdow\x1b[0m')
  })
})

describe('toSvg', () => {
  it('places every word at its column and escapes it', () => {
    const svg = toSvg([{ caption: 'one', lines: [[span('a'), span('  <b> & c ', 'red')]] }])

    expect(svg).toContain('fill="#ff6b60" textLength="56">&lt;b&gt; &amp; c</text>')
    expect(svg).toContain('x="42"')
    expect(svg).not.toMatch(/<script|href|@import/)
  })
})
