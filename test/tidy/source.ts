// The packages' source files as syntax trees, parsed by the compiler itself.
import { type Node, type SourceFile, SyntaxKind } from 'typescript/unstable/ast'
import { API } from 'typescript/unstable/sync'
import { type PackageName, packageNames, rootPath } from './repo.ts'

export interface Source {
  readonly package: PackageName
  /** Relative to the root. */
  readonly path: string
  readonly tree: SourceFile
}

/** All files of all packages' src, tests not. */
export function parseSources(): readonly Source[] {
  const api = new API({ cwd: rootPath })
  try {
    return packageNames.flatMap((name) => {
      const project = api
        .updateSnapshot({ openProject: `${rootPath}packages/${name}/tsconfig.json` })
        .getProject(`${rootPath}packages/${name}/tsconfig.json`)
      const folder = `${rootPath}packages/${name}/src/`
      const files = project?.program.getSourceFileNames().filter((file) => file.startsWith(folder)) ?? []
      return files.sort().flatMap((file) => {
        const tree = project?.program.getSourceFile(file)
        return tree === undefined ? [] : [{ package: name, path: file.slice(rootPath.length), tree }]
      })
    })
  } finally {
    api.close()
  }
}

/** `packages/net/src/peer.ts:12`, where the node begins. */
export function at(source: Source, node: Node): string {
  return `${source.path}:${lineOf(source, node.getStart(source.tree))}`
}

/** Counted from 1. */
export const lineOf = (source: Source, position: number): number =>
  source.tree.getLineAndCharacterOfPosition(position).line + 1

/** All nodes below one, parents first. */
export function* nodesIn(node: Node): IterableIterator<Node> {
  const children: Node[] = []
  node.forEachChild((child) => void children.push(child))
  for (const child of children) {
    yield child
    yield* nodesIn(child)
  }
}

const literalKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateHead,
  SyntaxKind.TemplateMiddle,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
])

const comment = /\/\/.*|\/\*[\s\S]*?\*\//y

/** For each line, counted from 0, whether it has more than blanks and comments. */
export function codeLines({ tree }: Source): readonly boolean[] {
  const literals = [...nodesIn(tree)].filter((node) => literalKinds.has(node.kind))
  const endOfLiteral = new Map(literals.map((node) => [node.getStart(tree), node.end]))
  const { text } = tree
  let code = ''
  for (let from = 0; from < text.length; ) {
    const literalEnd = endOfLiteral.get(from)
    comment.lastIndex = from
    const found = literalEnd === undefined ? comment.exec(text)?.[0] : undefined
    const to = literalEnd ?? from + (found?.length ?? 1)
    code += found === undefined ? text.slice(from, to) : found.replaceAll(/[^\n]/g, ' ')
    from = to
  }
  return code.split('\n').map((line) => line.trim() !== '')
}
