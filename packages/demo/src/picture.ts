// `pnpm picture`: makes docs/demo.svg of a real run. It watches the run as a terminal would, crashes the world and
// keeps three moments: all well, crashed, well again. The SVG has a dark panel of its own, so that it reads on any
// page, and no font or script from anywhere else.
import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Presenter } from './presenters.ts'
import { type DemoEvent, isWell } from './protocol.ts'
import { Show } from './show.ts'
import { type Colour, type Line, renderNode, renderTree, type Span, withNote } from './tree.ts'
import type { ActorView, View } from './view.ts'

interface Frame {
  readonly caption: string
  readonly lines: readonly Line[]
}

const pictureFile = fileURLToPath(new URL('../../../docs/demo.svg', import.meta.url))
const robots = 24
/** A run is looked at this long before the crash, and after the restart, so that its rates are settled. */
const calmSeconds = 2
/** Into the backoff, when messages have begun to wait. */
const downSeconds = 0.9

async function takePicture(): Promise<void> {
  const show = new Show({ robots, seconds: undefined, isSelfCrashing: false })
  process.on('exit', () => show.destroy())
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))
  const photographer = new Photographer(show)
  process.exitCode = await show.run(photographer)
  if (process.exitCode !== 0) return
  await writeFile(pictureFile, toSvg(photographer.frames))
  process.stdout.write(`wrote ${pictureFile}\n`)
}

class Photographer implements Presenter {
  readonly frames: Frame[] = []
  readonly #show: Show
  #notes: readonly Line[] = []
  /** When what the next frame shows began. */
  #since: number | undefined

  constructor(show: Show) {
    this.#show = show
  }

  onEvent(event: DemoEvent, atMs: number): void {
    this.#notes = withNote(this.#notes, event)
    if (event.kind === 'running') this.#since = atMs / 1_000
  }

  onView(view: View): void {
    const world = view.nodes.flatMap(({ actors }) => actors).find(({ name }) => name === 'world')
    if (world === undefined || !this.#isDue(view, world)) return
    this.#since = undefined
    this.frames.push(this.#frame(view))
    if (this.frames.length === 1) this.#show.crashNext()
    if (this.frames.length === 3) this.#show.quit()
  }

  onSummary(): void {}

  close(): void {}

  #isDue({ seconds }: View, { state, restarts }: ActorView): boolean {
    const isWanted = [true, !isWell(state), restarts > 0 && isWell(state)][this.frames.length]
    if (isWanted !== true) return false
    if (this.frames.length > 0) this.#since ??= seconds
    const wait = this.frames.length === 1 ? downSeconds : calmSeconds
    return this.#since !== undefined && seconds >= this.#since + wait
  }

  #frame(view: View): Frame {
    const arena = view.nodes.filter(({ role }) => role === 'arena').flatMap(renderNode)
    switch (this.frames.length) {
      case 0:
        return { caption: 'pnpm demo', lines: renderTree(view) }
      case 1:
        return { caption: 'c: the world crashes', lines: [...arena, ...this.#notes] }
      default:
        return { caption: 'and answers again', lines: [...arena, ...this.#notes.slice(-1)] }
    }
  }
}

const colours: Readonly<Record<Colour, string>> = {
  plain: '#d0d7de',
  bold: '#ffffff',
  dim: '#8b949e',
  green: '#3fb950',
  red: '#ff6b60',
  yellow: '#e3b341',
}
const background = '#0d1117'
const rule = '#30363d'
const captionColour = '#79c0ff'

/** In pixels: of one character, of one line, around everything. */
const charWidth = 8
const lineHeight = 19
const margin = 18
const baseline = 14

export function toSvg(frames: readonly Frame[]): string {
  const rows: string[] = []
  let at = margin
  for (const [index, { caption, lines }] of frames.entries()) {
    if (index > 0) {
      rows.push(`<path d="M${margin} ${at}H${pictureWidth(frames) - margin}" stroke="${rule}"/>`)
      at += lineHeight / 2
    }
    rows.push(textAt({ text: caption, column: 0, y: at + baseline, fill: captionColour }))
    at += lineHeight * 1.25
    for (const line of lines) {
      rows.push(...lineAt(line, at + baseline))
      at += lineHeight
    }
    at += lineHeight / 2
  }
  return wrap(rows, { width: pictureWidth(frames), height: at + margin / 2 })
}

const pictureWidth = (frames: readonly Frame[]): number =>
  2 * margin + charWidth * Math.max(...frames.flatMap((frame) => frame.lines.map(columnsOf)))

const columnsOf = (line: Line): number => line.reduce((sum, { text }) => sum + text.length, 0)

function lineAt(line: Line, y: number): string[] {
  let column = 0
  return line.flatMap((span: Span) => {
    const start = column + span.text.length - span.text.trimStart().length
    column += span.text.length
    const text = span.text.trim()
    if (text === '') return []
    return [textAt({ text, column: start, y, fill: colours[span.colour], isBold: span.colour === 'bold' })]
  })
}

interface TextPlace {
  readonly text: string
  readonly column: number
  readonly y: number
  readonly fill: string
  readonly isBold?: boolean
}

/** `textLength` keeps the columns whatever font the reader has. */
function textAt({ text, column, y, fill, isBold = false }: TextPlace): string {
  const x = margin + column * charWidth
  const weight = isBold ? ' font-weight="bold"' : ''
  return `<text x="${x}" y="${y}" fill="${fill}"${weight} textLength="${text.length * charWidth}">${escaped(text)}</text>`
}

function wrap(
  rows: readonly string[],
  { width, height }: { readonly width: number; readonly height: number },
): string {
  const title = 'The demo: an arena actor crashes, is restarted and answers again'
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${title}">`,
    `<title>${title}</title>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${background}" stroke="${rule}"/>`,
    '<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="13" xml:space="preserve" style="white-space: pre">',
    ...rows,
    '</g>',
    '</svg>',
    '',
  ].join('\n')
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

// Not when a test imports `toSvg`.
if (process.argv[1]?.endsWith('picture.js')) await takePicture()
