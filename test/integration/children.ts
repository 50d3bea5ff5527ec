// Real processes: plain Node on what the build has made, each with a channel to its test. They are ended with it.
import { type ChildProcess, execFile, fork } from 'node:child_process'
import { mkdirSync, rmdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { nextTurn } from '../support/until.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const staleLockMs = 120_000

/** Builds what is not up to date. Test files run at once, so one builds and the others wait for it. */
export async function build(): Promise<void> {
  const lock = join(tmpdir(), `p2pnet-build-${Buffer.from(root).toString('hex').slice(-32)}`)
  while (!takeLock(lock)) await nextTurn()
  try {
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    await promisify(execFile)(process.execPath, [tsc, '-b', join(root, 'packages/net')])
  } finally {
    rmdirSync(lock)
  }
}

function takeLock(lock: string): boolean {
  try {
    mkdirSync(lock)
    return true
  } catch {
    const made = statSync(lock, { throwIfNoEntry: false })
    // Whoever made it was killed.
    if (made !== undefined && Date.now() - made.mtimeMs > staleLockMs) rmdirSync(lock)
    return false
  }
}

export interface Child {
  readonly process: ChildProcess
  /** The next message of the child. Rejects when it has exited without one. */
  next(): Promise<Readonly<Record<string, unknown>>>
  /** Its exit code, or the signal that ended it. */
  readonly exited: Promise<number | string>
  readonly output: () => string
}

export function startChild(script: string, ...args: readonly string[]): Child {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const env = { ...process.env, NODE_OPTIONS: '' }
  const child = fork(path, args, { execArgv: [], env, silent: true })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (text) => {
      output += text
    })
  }
  const messages: Readonly<Record<string, unknown>>[] = []
  child.on('message', (message) => messages.push(message as Readonly<Record<string, unknown>>)) // Our own scripts.
  let hasExited = false
  const exited = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => {
      hasExited = true
      resolve(code ?? signal ?? 'gone')
    })
  })
  const next = async () => {
    for (;;) {
      const message = messages.shift()
      if (message !== undefined) return message
      if (hasExited) throw new Error(`${script} has exited without a word: ${output}`)
      await nextTurn()
    }
  }
  return { process: child, next, exited, output: () => output }
}
