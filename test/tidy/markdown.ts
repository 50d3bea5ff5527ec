// Pages of docs/ as their tables, links and headings.
import { read } from './repo.ts'

export interface Table {
  readonly header: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The first table below a heading. @throws Error if there is none before the next heading */
export function tableBelow(page: string, heading: string): Table {
  const lines = read(page).split('\n')
  const start = lines.findIndex((line) => line.startsWith('#') && line.replace(/^#+ /, '') === heading)
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('#'))
  const [table] = start < 0 ? [] : tablesIn(end < 0 ? rest : rest.slice(0, end))
  if (table === undefined) throw new Error(`${page} has no table below a heading ${heading}`)
  return table
}

export const tablesOf = (page: string): readonly Table[] => tablesIn(read(page).split('\n'))

function tablesIn(lines: readonly string[]): Table[] {
  const tables: { header: string[]; rows: string[][] }[] = []
  for (const [index, line] of lines.entries()) {
    if (!line.startsWith('|') || isRule(line)) continue
    const cells = line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('`', ''))
    if (isRule(lines[index + 1])) tables.push({ header: cells, rows: [] })
    else tables.at(-1)?.rows.push(cells)
  }
  return tables
}

const isRule = (line: string | undefined): boolean => /^\|[\s:|-]+\|$/.test(line ?? '')

export interface Link {
  readonly line: number
  readonly target: string
}

/** Links and images, outside of code blocks. */
export function linksOf(page: string): Link[] {
  let isCode = false
  return read(page)
    .split('\n')
    .flatMap((text, index) => {
      if (text.startsWith('```')) isCode = !isCode
      if (isCode) return []
      const targets = [...text.matchAll(/\]\(([^)\s]+)\)|(?:src|href|srcset)="([^"]+)"/g)]
      return targets.map(([, link, attribute]) => ({ line: index + 1, target: link ?? attribute ?? '' }))
    })
}

/** The anchors of a page's headings, as GitHub makes them. */
export const anchorsOf = (page: string): string[] =>
  [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )
