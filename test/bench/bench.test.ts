// The bench in small: proof that every cell runs and that nothing is lost on the way, and no word on speed.
// It runs what `pnpm build` has made, in processes of its own, as `pnpm bench` does.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { payloads, systems, workloads } from './cells.ts'
import type { Row } from './report.ts'

const run = promisify(execFile)
const main = fileURLToPath(new URL('dist/main.js', import.meta.url))

it('measures every system in every cell and counts all messages at their receiver', async () => {
  const args = ['--rounds', '1', '--ms', '100', '--no-gate', '--json']

  const { stdout } = await run(process.execPath, [main, ...args])

  const { rows } = JSON.parse(stdout) as { rows: Row[] } // What --json prints.
  expect(rows).toHaveLength(systems.length * workloads.length * payloads.length)
  expect(rows.filter((row) => row.completed === 0 || row.perSecond.median <= 0 || row.cpuUs <= 0)).toEqual([])
})

it('names what it does not know', async () => {
  const bench = run(process.execPath, [main, '--only', 'everything'])

  await expect(bench).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--only does not know everything'),
  })
})
