// The repository as the tidy rules see it: its own files, without what is installed or built.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const rootPath = fileURLToPath(new URL('../../', import.meta.url))

export const packageNames = ['wire', 'conn', 'actor', 'net', 'demo'] as const
export type PackageName = (typeof packageNames)[number]

/** The text of a file; its path is relative to the root. */
export const read = (path: string): string => readFileSync(`${rootPath}${path}`, 'utf8')

export interface Manifest {
  readonly name: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

export const manifestOf = (name: PackageName): Manifest => JSON.parse(read(`packages/${name}/package.json`))

/** What .gitignore names: `name/` for folders, `*.end` for files. */
const ignored = read('.gitignore').split('\n').filter(Boolean)
const ignoredFolders = new Set([
  '.git',
  ...ignored.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1)),
])
const ignoredEnds = ignored.filter((line) => line.startsWith('*')).map((line) => line.slice(1))

/** All files that are, or are about to be, in the repository. Found without git, so that an archive will do. */
export function filesBelow(folder: string): string[] {
  return readdirSync(`${rootPath}${folder}`, { withFileTypes: true })
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.isDirectory()) return ignoredFolders.has(entry.name) ? [] : filesBelow(path)
      return entry.isFile() && !ignoredEnds.some((end) => entry.name.endsWith(end)) ? [path] : []
    })
    .sort()
}
