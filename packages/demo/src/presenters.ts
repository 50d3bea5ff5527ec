// Who shows a run: lines of text for pipes and log files, lines of JSON for machines, or a tree on a terminal, redrawn
// in place. show.ts calls them, and whatever happens a terminal is given back as it was.
import type { DemoEvent } from './protocol.ts'
import { eventText, type Line, renderTree, thousands, toAnsi, withNote } from './tree.ts'
import type { NodeView, Summary, View } from './view.ts'

export interface Presenter {
  onEvent(event: DemoEvent, atMs: number): void
  /** Called several times per second. */
  onView(view: View): void
  onSummary(summary: Summary): void
  /** Gives the terminal back. May be called twice, also from an exit handler. */
  close(): void
}

interface LineFormat {
  event(event: DemoEvent, atMs: number): string | undefined
  view(view: View): string
  summary(summary: Summary): string
}

/** Less than a second by half the time between two views, so that every fourth view is written. */
const lineEverySeconds = 0.875

/** Writes about one line per second, and one per event. */
export class LinePresenter implements Presenter {
  readonly #format: LineFormat
  #nextAt = 0
  #isRunning = false

  constructor(format: LineFormat) {
    this.#format = format
  }

  onEvent(event: DemoEvent, atMs: number): void {
    if (event.kind === 'running') this.#isRunning = true
    const text = this.#format.event(event, atMs)
    if (text !== undefined) writeLine(text)
  }

  onView(view: View): void {
    if (!this.#isRunning || view.seconds < this.#nextAt) return
    this.#nextAt = view.seconds + lineEverySeconds
    writeLine(this.#format.view(view))
  }

  onSummary(summary: Summary): void {
    writeLine(this.#format.summary(summary))
  }

  close(): void {}
}

const writeLine = (text: string): void => void process.stdout.write(`${text}\n`)

/** One JSON object per line: `rates`, the events by their kind, and `summary` as the last one. */
export const jsonFormat: LineFormat = {
  event: (event, atMs) => JSON.stringify({ ...event, atMs: Math.round(atMs) }),
  view: (view) => JSON.stringify({ kind: 'rates', ...view }),
  summary: (summary) => JSON.stringify(summary),
}

export const plainFormat: LineFormat = {
  // What a node warns of during a crash is said by other events.
  event: (event, atMs) =>
    event.kind === 'log' && event.level === 'warn' ? undefined : stamped(atMs / 1_000, eventText(event)),
  view: ({ seconds, nodes, robots }) => {
    const { clients, perSecond, asksPerSecond } = robots
    const sent = `${clients} clients send ${thousands(perSecond)}/s, ${thousands(asksPerSecond)} asks/s`
    return stamped(seconds, [sent, ...nodes.map(nodeText)].join(' | '))
  },
  summary: (summary) => summaryText(summary).join('\n'),
}

const stamped = (seconds: number, text: string): string => `${seconds.toFixed(1).padStart(5)} s  ${text}`

function nodeText({ role, state, actors, perSecond, restarts }: NodeView): string {
  const rate = `${role} ${state} ${thousands(perSecond)}/s`
  if (role !== 'arena') return rate
  const states = actors.map(
    (actor) => `${actor.name} ${actor.state}${actor.chart ? ` (${actor.chart})` : ''}`,
  )
  return [rate, ...states, `${restarts} restarts`].join(', ')
}

export function summaryText(summary: Summary): string[] {
  const { sent, lostMessages, linesReceived, linesSent, asksEndedOtherwise } = summary
  const others = Object.entries(asksEndedOtherwise).map(([code, count]) => `, ${thousands(count)} ${code}`)
  return [
    `summary after ${summary.seconds.toFixed(1)} s with ${summary.clients} clients`,
    `  messages  ${thousands(summary.messages)} received of ${thousands(sent)} sent, lost ${lostMessages}, out of order ${summary.unordered}`,
    `  chat      ${thousands(linesReceived)} lines received of ${thousands(linesSent)} sent`,
    `  restarts  ${summary.restarts} after ${summary.crashes} crashes`,
    `  asks      ${thousands(summary.asks)}: ${thousands(summary.asksAnswered)} answered, ${summary.asksEndedByCrash} ended by a crash${others.join('')}`,
    `  lost asks ${summary.lostAsks}`,
  ]
}

interface Keys {
  readonly onCrash: () => void
  readonly onQuit: () => void
}

const fallbackSize = { columns: 80, rows: 24 }

/** What a terminal is told between lines. */
const Screen = {
  hideCursor: '\x1b[?25l',
  showCursor: '\x1b[?25h',
  clear: '\x1b[2J\x1b[H',
  clearLine: '\x1b[2K',
  clearBelow: '\x1b[0J',
  up: (lines: number): string => (lines > 0 ? `\x1b[${lines}A\r` : '\r'),
} as const

/** The tree and the keys. */
export class Terminal implements Presenter {
  readonly #out = process.stdout
  readonly #keys: Keys
  #notes: readonly Line[] = []
  /** Lines on the screen that the next drawing replaces. */
  #drawn = 0
  #view: View | undefined
  #isClosed = false

  constructor(keys: Keys) {
    this.#keys = keys
    this.#out.write(Screen.hideCursor)
    this.#out.on('resize', this.#onResize)
    if (!process.stdin.isTTY) return
    process.stdin.setRawMode(true)
    process.stdin.on('data', this.#onKeys)
    process.stdin.resume()
  }

  onEvent(event: DemoEvent): void {
    this.#notes = withNote(this.#notes, event)
    if (event.kind !== 'log') this.#draw()
  }

  onView(view: View): void {
    this.#view = view
    this.#draw()
  }

  onSummary(summary: Summary): void {
    this.close()
    this.#out.write(`\n${summaryText(summary).join('\n')}\n`)
  }

  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#out.off('resize', this.#onResize)
    this.#out.write(Screen.showCursor)
    if (!process.stdin.isTTY) return
    process.stdin.off('data', this.#onKeys)
    process.stdin.setRawMode(false)
    process.stdin.pause()
  }

  readonly #onKeys = (chunk: Buffer): void => {
    for (const key of chunk.toString()) {
      if (key === 'c') this.#keys.onCrash()
      // In raw mode Ctrl-C and Ctrl-D are keys as well.
      else if (key === 'q' || key === '\x03' || key === '\x04') this.#keys.onQuit()
    }
  }

  /** The terminal may have wrapped what was drawn: begin anew below it. */
  readonly #onResize = (): void => {
    this.#drawn = 0
    this.#out.write(Screen.clear)
    this.#draw()
  }

  #draw(): void {
    if (this.#view === undefined || this.#isClosed) return
    const { columns = fallbackSize.columns, rows = fallbackSize.rows } = this.#out
    const lines = [...renderTree(this.#view), [], ...this.#notes].slice(0, Math.max(1, rows - 1))
    const text = lines.map((line) => `${Screen.clearLine}${toAnsi(line, columns)}\n`).join('')
    this.#out.write(`${Screen.up(this.#drawn)}${text}${Screen.clearBelow}`)
    this.#drawn = lines.length
  }
}
