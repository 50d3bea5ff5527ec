// What README.md and docs/api.md show is run as it stands, with plain Node against the built packages, in the folder
// that the README names.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readmeExamples } from './readme-examples.mjs'

const cwd = fileURLToPath(new URL('../packages/net/', import.meta.url))
const read = (page: string) => readFileSync(new URL(`../docs/${page}`, import.meta.url), 'utf8')

const runNode = (code: string) =>
  promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], { cwd, timeout: 20_000 })

describe.each([
  ['README.md', 2],
  ['docs/api.md', 3],
])('%s', (page, count) => {
  const examples = readmeExamples(page)

  it(`has ${count} examples`, () => {
    expect(examples.length).toBe(count)
  })

  it.each(examples)('has example %# that prints what it says', async ({ code, prints }) => {
    const { stdout } = await runNode(code)

    expect(prints).not.toEqual([])
    expect(stdout.trimEnd().split('\n')).toEqual(prints)
  })
})

it('README.md begins with an actor that crashes and is restarted', () => {
  expect(readmeExamples()[0]?.prints).toEqual(['1', '2', 'ERR_ASK_ACTOR_CRASHED', '1'])
})

it("docs/wire.md shows the client's handshake of the vectors", () => {
  const { handshakes } = JSON.parse(read('wire-vectors.json'))
  const { T, frames } = handshakes.find(({ name }: { name: string }) => name.startsWith('a client'))

  const shown = [...read('wire.md').matchAll(/```hex client (\w+)\n([^`]+)```/g)].map(
    ([, kind, text = '']) => ({
      kind,
      hex: text.replaceAll(/ {2}.*$|[ \n]/gm, ''),
    }),
  )

  expect(shown).toEqual(frames.map(({ kind, hex }: { kind: string; hex: string }) => ({ kind, hex })))
  expect(read('wire.md')).toContain(`T = ${T}`)
})
