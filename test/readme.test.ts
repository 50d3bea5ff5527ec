// What README.md shows is run as it stands, with plain Node against the built packages, in the folder that it names.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readmeExamples } from './readme-examples.mjs'

const cwd = fileURLToPath(new URL('../packages/net/', import.meta.url))

const runNode = (code: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd, timeout: 20_000 })

describe('README.md', () => {
  const examples = readmeExamples()

  it('begins with an actor that crashes and is restarted', () => {
    expect(examples[0]?.prints).toEqual(['1', '2', 'ERR_ASK_ACTOR_CRASHED', '1'])
  })

  it.each(examples)('has example %# that prints what it says', async ({ code, prints }) => {
    const { stdout } = await runNode(code)

    expect(prints).not.toEqual([])
    expect(stdout.trimEnd().split('\n')).toEqual(prints)
  })
})
