// What linters cannot check: docs/contributing.md has the rules in words. Each rule is one test, and says where it is
// broken as `file:line: what`.
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { CloseReason, FailCode } from '@p2pnet/wire'
import { describe, expect, it } from 'vitest'
import { wordsOf } from './tidy/declared.ts'
import { anchorsOf, linksOf, tableBelow, tablesOf } from './tidy/markdown.ts'
import { optionTables, shown } from './tidy/option-tables.ts'
import { filesBelow, manifestOf, packageNames, read, rootPath } from './tidy/repo.ts'
import * as rules from './tidy/rules.ts'
import { nodesIn, parseSources } from './tidy/source.ts'

const sources = parseSources()
const files = filesBelow('')

describe('every source file', () => {
  it('is looked at', () => {
    const parsed = sources.map(({ path }) => path)

    expect(parsed.sort()).toEqual(files.filter((file) => /^packages\/\w+\/src\//.test(file)))
  })

  it.each<[string, rules.Rule]>([
    ['imports only along the arrows', rules.importArrows],
    ['of the wire knows no Buffer, but for the codec', rules.noBufferInWire],
    ['has at most 250 lines', rules.shortFile],
    ['opens with a comment', rules.opensWithComment],
    ['has functions of at most 50 lines', rules.shortFunctions],
    ['takes time and chance from the clock', rules.noTimeOrChance],
    ['has no default export, any, enum, namespace or !', rules.forbiddenSyntax],
    ['exports only what is its own, but for entries', rules.oneBarrel],
    ['leaves private fields of xstate to one file', rules.privateXstate],
  ])('%s', (_, rule) => {
    expect(sources.flatMap(rule)).toEqual([])
  })
})

describe('every package', () => {
  it.each(packageNames)('%s depends on what it may import and does', (name) => {
    const dependencies = Object.keys(manifestOf(name).dependencies ?? {}).sort()
    const imported = sources
      .filter((source) => source.package === name)
      .flatMap(({ tree }) => [...nodesIn(tree)].flatMap((node) => rules.moduleNameOf(node) ?? []))
      .filter((module) => !module.startsWith('.') && !module.startsWith('node:'))

    expect(dependencies, `packages/${name}/package.json`).toEqual([...rules.arrows[name]].sort())
    expect(dependencies).toEqual([...new Set(imported.map(rules.packageOf))].sort())
  })
})

describe('docs/architecture.md', () => {
  it('has the arrows that are enforced', () => {
    const { rows } = tableBelow('docs/architecture.md', 'Packages')

    expect(Object.fromEntries(rows.map((cells) => [cells[0], cells.at(-1)?.split(', ')]))).toEqual(
      rules.arrows,
    )
  })

  it('names files that are there', () => {
    const named = [...read('docs/architecture.md').matchAll(/`((wire|conn|actor|net)\/[\w-]+\.ts)`/g)]

    expect(named.length).toBeGreaterThan(0)
    expect(
      named
        .map(([, file = '']) => `packages/${file.replace('/', '/src/')}`)
        .filter((file) => !files.includes(file)),
    ).toEqual([])
  })
})

describe('every file', () => {
  it('is named in kebab-case', () => {
    const ours = files.filter((file) => /^(packages\/\w+\/(src|test)|test|docs)\//.test(file))

    expect(ours.filter((file) => !/\/[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)+$/.test(file))).toEqual([])
  })

  it('names no place of the machine it was written on, and no registry', () => {
    const found = files.filter(isText).flatMap((file) =>
      read(file)
        .split('\n')
        .flatMap((line, index) =>
          isLocal(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 80)}`] : [],
        ),
    )

    expect(found).toEqual([])
  })

  it('of words has links that lead somewhere', () => {
    const pages = files.filter((file) => file.endsWith('.md'))
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter(({ target }) => !/^[a-z]+:/.test(target) && !leadsSomewhere(page, target))
        .map(({ line, target }) => `${page}:${line}: ${target}`),
    )

    expect(broken).toEqual([])
  })
})

describe('docs/errors.md', () => {
  const rowsWith = (pattern: RegExp): string[] =>
    tablesOf('docs/errors.md')
      .flatMap(({ rows }) => rows.map(([first = '']) => first))
      .filter((first) => pattern.test(first))

  it('lists every code, once', () => {
    const codes = [...wordsOf(sources, 'ErrorCode'), ...Object.keys(FailCode)]

    expect(rowsWith(/^ERR_/).sort()).toEqual(codes.sort())
  })

  it('lists every close reason, in order', () => {
    const { rows } = tableBelow('docs/errors.md', 'Close reasons')

    expect(rows.map(([reason]) => reason)).toEqual(Object.keys(CloseReason))
  })

  it('lists every reason of a dead letter, in order', () => {
    const { rows } = tableBelow('docs/errors.md', 'Dead letters')

    expect(rows.map(([reason]) => reason)).toEqual(wordsOf(sources, 'DeadLetterReason'))
  })
})

describe('docs/options.md', () => {
  const tables = optionTables(sources)

  it('has a table for each of these and no other', () => {
    const first = tablesOf('docs/options.md').filter(({ header }) => header[0] === 'option')

    expect(first.length).toBe(tables.length)
  })

  it.each(tables)('has the options and defaults of $heading', ({ heading, fields, columns }) => {
    const { header, rows } = tableBelow('docs/options.md', heading)

    expect(rows.map(([option]) => option)).toEqual(fields)
    for (const [column, defaults] of Object.entries(columns)) {
      const documented = rows.map((cells) => [cells[0], cells[header.indexOf(column)]])
      expect(documented).toEqual(fields.map((field) => [field, shown(defaults[field])]))
    }
  })
})

const isText = (file: string): boolean => !/\.(png|jpg|gif|ico|woff2?)$/.test(file)

// Written so that they do not find themselves.
const localWords = [
  /(^|[^\w.])[/](work|home|root|Users)[/]/,
  /[.]library\b/,
  /\bfarm[-]\w/,
  /[.][.][/]shared\b/,
  /\bregistry[.]\w|npmjs[.](org|com)[/]|\btarball: http/,
]
const isLocal = (line: string): boolean => localWords.some((word) => word.test(line))

function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? page : normalize(join(dirname(page), path))
  if (!existsSync(`${rootPath}${file}`)) return false
  return anchor === undefined || !file.endsWith('.md') || anchorsOf(file).includes(anchor)
}
