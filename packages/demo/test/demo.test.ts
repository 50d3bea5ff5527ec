// The built demo as its users run it: as a process, in a pipe and on a terminal. `pnpm test` builds it first.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const runMs = 60_000

interface Run {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end; `onOutput` sees all output so far. */
function run(command: string, args: readonly string[], onOutput = (_out: string): void => {}): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      onOutput(stdout)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString()
    })
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

type JsonLine = { readonly kind: string } & Readonly<Record<string, unknown>>

const jsonLines = (stdout: string): JsonLine[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))

const pidsOf = (lines: readonly JsonLine[]): number[] =>
  lines.filter(({ kind }) => kind === 'process').map(({ pid }) => Number(pid))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

beforeAll(() => {
  if (!existsSync(main)) throw new Error('the demo is not built: run pnpm build')
})

describe('the demo in a pipe', () => {
  it('crashes actors, restarts them and loses nothing', { timeout: runMs }, async () => {
    const { code, stdout, stderr } = await run(process.execPath, [main, '--json', '--seconds', '6'])

    const lines = jsonLines(stdout)
    const summary = lines.at(-1)
    expect(stderr).toBe('')
    expect(summary).toMatchObject({
      kind: 'summary',
      clients: 24,
      lostAsks: 0,
      lostMessages: 0,
      unordered: 0,
    })
    expect(summary?.messages).toBeGreaterThan(0)
    expect(summary?.messages).toBe(summary?.sent)
    expect(summary?.restarts).toBeGreaterThanOrEqual(1)
    expect(summary?.asksEndedByCrash).toBeGreaterThanOrEqual(1)
    expect(code).toBe(0)
    expect(lines).toContainEqual(
      expect.objectContaining({
        kind: 'ask-ended',
        actor: 'world',
        code: 'ERR_ASK_ACTOR_CRASHED',
        mayHaveRun: true,
      }),
    )
    expect(lines.map(({ kind }) => kind)).toContain('next-answer')
    expect(pidsOf(lines)).toHaveLength(4)
    expect(pidsOf(lines).filter(isAlive)).toEqual([])
  })

  it('says so, fails and leaves nobody behind when a process dies', { timeout: runMs }, async () => {
    let isKilled = false
    const { code, stdout, stderr } = await run(process.execPath, [main, '--json'], (out) => {
      const lines = jsonLines(out.slice(0, out.lastIndexOf('\n') + 1))
      const lobby = lines.find(({ role }) => role === 'lobby')
      if (isKilled || lobby === undefined || !lines.some(({ kind }) => kind === 'running')) return
      isKilled = true
      process.kill(Number(lobby.pid), 'SIGKILL')
    })

    const lines = jsonLines(stdout)
    expect(code).toBe(1)
    expect(lines.at(-1)).toMatchObject({ kind: 'died' })
    expect(stderr).toMatch(/the lobby process \(\d+\) died: it ended with SIGKILL/)
    expect(pidsOf(lines).filter(isAlive)).toEqual([])
  })

  it('names an option that it does not know', async () => {
    const { code, stderr } = await run(process.execPath, [main, '--fast'])

    expect(code).toBe(2)
    expect(stderr).toContain("'--fast'")
    expect(stderr).toContain('pnpm demo [--json] [--seconds N]')
  })
})

/** Runs its arguments on a terminal of its own, presses c when all runs and q when the next answer is there. */
const onTerminal = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
seen, steps = b'', [(b'24 clients', b'c'), (b'next answer', b'q')]
while True:
    try:
        chunk = os.read(fd, 65536)
    except OSError:
        break
    if not chunk:
        break
    seen += chunk
    if steps and steps[0][0] in seen:
        os.write(fd, steps.pop(0)[1])
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status))
`

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', 'import pty'])
    return true
  } catch {
    console.warn('SKIPPED: the demo on a terminal, because python3 and its pty module are not here')
    return false
  }
}

describe('the demo on a terminal', () => {
  it.skipIf(!hasPython())('turns red on c, green again, and drains on q', { timeout: runMs }, async () => {
    const { code, stdout } = await run('python3', ['-c', onTerminal, process.execPath, main])

    const red = stdout.indexOf('\x1b[1;31mbacking off')
    expect(red).toBeGreaterThan(0)
    expect(stdout.slice(red)).toContain('ask ended: world 3:2 ERR_ASK_ACTOR_CRASHED, mayHaveRun true')
    expect(stdout.slice(red)).toMatch(/next answer: world 3:2 after \d\.\d s \{"players":/)
    expect(stdout.slice(stdout.lastIndexOf('backing off'))).toContain('\x1b[32midle')
    expect(stdout).toContain('lost asks 0')
    expect(stdout.lastIndexOf('\x1b[?25h')).toBeGreaterThan(stdout.lastIndexOf('\x1b[?25l'))
    expect(code).toBe(0)
  })
})
