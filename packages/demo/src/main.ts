// `pnpm demo`: reads the options, chooses how the run is shown, and sees to it that every way out leaves nothing
// behind.
import { parseArgs } from 'node:util'
import { jsonFormat, LinePresenter, plainFormat, Terminal } from './presenters.ts'
import { Show } from './show.ts'

const usage = `pnpm demo [--json] [--seconds N] [--robots N]
  --json       one JSON object per line, the summary last
  --seconds N  ends after N seconds (on a terminal it runs until q, otherwise for 15)
  --robots N   clients, 1 to 50 (default 24)`
const usageCode = 2
const killedCode = 1

const secondsDefault = 15
/** Less would not be time enough for a crash and a restart. */
const secondsMin = 3
const secondsMax = 86_400
const robotsDefault = 24
const robotsMax = 50

interface DemoOptions {
  readonly isJson: boolean
  /** Draws the tree and takes keys. */
  readonly isTree: boolean
  /** Undefined: until somebody quits. */
  readonly seconds: number | undefined
  readonly robots: number
}

try {
  await main(parseOptions(process.argv.slice(2), process.stdout.isTTY === true))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
  process.exitCode = usageCode
}

async function main({ isJson, isTree, seconds, robots }: DemoOptions): Promise<void> {
  const show = new Show({ robots, seconds, isSelfCrashing: !isTree })
  let quits = 0
  // The second time somebody means it.
  const quit = (): void => {
    quits++
    if (quits === 1) show.quit()
    else process.exit(killedCode)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, quit)
  // Whoever read the output is gone: there is nobody left to show anything to.
  process.stdout.on('error', () => process.exit(killedCode))
  process.on('exit', () => show.destroy())
  process.exitCode = await show.run(
    isTree
      ? new Terminal({ onCrash: () => show.crashNext(), onQuit: quit })
      : new LinePresenter(isJson ? jsonFormat : plainFormat),
  )
}

/** @throws Error for an option that is unknown or out of range. */
function parseOptions(args: readonly string[], isTerminal: boolean): DemoOptions {
  const { values } = parseArgs({
    args: args.filter((arg) => arg !== '--'), // A package manager may hand it on.
    options: { json: { type: 'boolean' }, seconds: { type: 'string' }, robots: { type: 'string' } },
  })
  const isJson = values.json ?? false
  const isTree = isTerminal && !isJson
  const isEndless = isTree && values.seconds === undefined
  return {
    isJson,
    isTree,
    seconds: isEndless
      ? undefined
      : integer('--seconds', values.seconds ?? secondsDefault, [secondsMin, secondsMax]),
    robots: integer('--robots', values.robots ?? robotsDefault, [1, robotsMax]),
  }
}

function integer(name: string, value: string | number, [min, max]: readonly [number, number]): number {
  const number = Number(value)
  if (Number.isInteger(number) && number >= min && number <= max) return number
  throw new Error(`${name} is ${value}, allowed is an integer from ${min} to ${max}`)
}
