// Draws a view as lines of coloured text: pure, so that a test, a terminal and the picture get the same tree. Columns
// keep their places whatever is in them, and no line is wider than the screen it is written to.
import { type ArenaActor, type DemoEvent, endText, isWell } from './protocol.ts'
import type { ActorView, NodeView, RobotsView, View } from './view.ts'

export type Colour = 'plain' | 'bold' | 'dim' | 'green' | 'red' | 'yellow'

export interface Span {
  readonly text: string
  readonly colour: Colour
}

export type Line = readonly Span[]

/** Widths of the columns, in characters: together they fit a narrow terminal. */
const width = { name: 15, end: 6, state: 32, restarts: 10, rate: 12 } as const
const keys = 'c crash an arena actor   q drain and quit'
const path = 'robots -> relayIn -> lobby, arena -> relayOut -> robots; idle: nothing waits'

/** The whole tree, with the keys below it. */
export const renderTree = (view: View): Line[] => [
  heading(view),
  ...view.nodes.flatMap(renderNode),
  robotsLine(view.robots),
  [span(path, 'dim')],
  keysLine(view.robots),
]

/** One node and its actors. */
export function renderNode({ role, end, state, conns, restarts, perSecond, actors }: NodeView): Line[] {
  const note = conns === 1 ? '1 conn' : `${conns} conns`
  const first = row({ name: span(role, 'bold'), end, state, note, restarts, perSecond })
  return [first, ...actors.map((actor, index) => actorLine(actor, index === actors.length - 1))]
}

export const lineText = (line: Line): string => line.map(({ text }) => text).join('')

export const span = (text: string, colour: Colour = 'plain'): Span => ({ text, colour })

export const thousands = (count: number): string => Math.round(count).toLocaleString('en-US')

function heading({ seconds }: View): Line {
  const title = 'P2pNet demo'
  const rest = `${seconds.toFixed(1)} s`.padEnd(width.name + width.end + width.state - title.length - 2)
  const columns = 'restarts'.padStart(width.restarts) + 'messages/s'.padStart(width.rate)
  return [span(title, 'bold'), span(`  ${rest}`, 'dim'), span(columns, 'dim')]
}

function actorLine(actor: ActorView, isLast: boolean): Line {
  const { name, end, state, chart, restarts, perSecond, queued } = actor
  const note = stateColour(state) === 'red' ? `${thousands(queued)} waiting` : (chart ?? '')
  const branch = isLast ? '└─ ' : '├─ '
  return row({ name: span(branch + name), end, state, note, restarts, perSecond })
}

function robotsLine({ state, clients, perSecond }: RobotsView): Line {
  return row({ name: span('robots', 'bold'), end: '10:*', state, note: `${clients} clients`, perSecond })
}

function keysLine({ asksPerSecond, asksOpen }: RobotsView): Line {
  const asks = `${thousands(asksPerSecond)} asks/s, ${thousands(asksOpen)} open`
  const columns = Object.values(width).reduce((sum, one) => sum + one, 0)
  return [span(keys + asks.padStart(columns - keys.length), 'dim')]
}

interface Row {
  readonly name: Span
  readonly end: string
  readonly state: string
  readonly note: string
  readonly restarts?: number
  readonly perSecond: number
}

function row({ name, end, state, note, restarts, perSecond }: Row): Line {
  const colour = stateColour(state)
  return [
    span(name.text.padEnd(width.name), name.colour),
    span(end.padEnd(width.end), 'dim'),
    span('● ', colour),
    span(state, colour),
    span(` ${note}`.padEnd(width.state - 2 - state.length), 'dim'),
    span(String(restarts ?? '').padStart(width.restarts), restarts ? 'yellow' : 'dim'),
    span(thousands(perSecond).padStart(width.rate)),
  ]
}

const downStates = ['crashed', 'backing off', 'crash looping']

/** Green does its work, red has crashed, yellow is on its way to one of both. */
function stateColour(state: string): Colour {
  if (isWell(state)) return 'green'
  return downStates.includes(state) ? 'red' : 'yellow'
}

const notesMax = 4

const noteColours: Partial<Record<DemoEvent['kind'], Colour>> = {
  'crash-asked': 'plain',
  'ask-ended': 'red',
  'next-answer': 'green',
  draining: 'yellow',
  died: 'red',
}

/** The few lines below the tree with one more: how the last crash went. Most events are seen in the tree instead. */
export function withNote(notes: readonly Line[], event: DemoEvent): readonly Line[] {
  const colour = noteColours[event.kind]
  return colour === undefined ? notes : [...notes, [span(eventText(event), colour)]].slice(-notesMax)
}

export function eventText(event: DemoEvent): string {
  switch (event.kind) {
    case 'process':
      return `process ${event.pid} is the ${event.role}`
    case 'running':
      return `all is running, ${event.clients} clients are in`
    case 'crash-asked':
      return `crash: ${whom(event.actor)} is asked to crash`
    case 'ask-ended':
      return `ask ended: ${whom(event.actor)} ${event.code}, mayHaveRun ${event.mayHaveRun}`
    case 'next-answer': {
      const seconds = (event.afterMs / 1_000).toFixed(1)
      return `next answer: ${whom(event.actor)} after ${seconds} s ${JSON.stringify(event.answer)}`
    }
    case 'state':
      return `state: ${event.actor} ${event.end} was ${event.from}, is ${event.to}`
    case 'log':
      return `log: ${event.level} ${event.end} ${event.message}`
    case 'draining':
      return 'draining: robots are quiet, every answer is awaited, then all nets close'
    case 'died':
      return event.message
  }
}

const whom = (actor: ArenaActor): string => `${actor} ${endText(actor)}`

const codes: Readonly<Record<Colour, string>> = {
  plain: '',
  bold: '\x1b[1m',
  dim: '\x1b[2m',
  green: '\x1b[32m',
  red: '\x1b[1;31m',
  yellow: '\x1b[33m',
}

/** A line as a terminal takes it, cut after so many columns; every character of the demo is one column wide. */
export function toAnsi(line: Line, columns: number): string {
  let left = columns
  let out = ''
  for (const { text, colour } of line) {
    const cut = text.slice(0, Math.max(0, left))
    left -= cut.length
    out += codes[colour] === '' || cut === '' ? cut : `${codes[colour] + cut}\x1b[0m`
  }
  return out
}
