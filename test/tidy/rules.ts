// The rules for source files. Each takes a file and returns what is wrong with it, as `file:line: what`.
import {
  isCallExpression,
  isElementAccessExpression,
  isExportDeclaration,
  isExportSpecifier,
  isFunctionLikeDeclaration,
  isIdentifier,
  isImportDeclaration,
  isImportTypeNode,
  isLiteralTypeNode,
  isNewExpression,
  isPropertyAccessExpression,
  isStringLiteral,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast'
import { manifestOf, type PackageName } from './repo.ts'
import { at, codeLines, lineOf, nodesIn, type Source } from './source.ts'

export type Rule = (source: Source) => readonly string[]

const fileLinesMax = 250
const functionLinesMax = 50

/** Who may import whom: docs/architecture.md has the same arrows. */
export const arrows: Readonly<Record<PackageName, readonly string[]>> = {
  wire: ['msgpackr'],
  conn: ['@p2pnet/wire', 'xstate'],
  actor: ['@p2pnet/wire', 'xstate'],
  net: ['@p2pnet/wire', '@p2pnet/conn', '@p2pnet/actor', 'pino', 'xstate'],
  demo: ['p2pnet', 'xstate'],
}

/** The only files that touch sockets. */
const socketFiles = ['tcp-link', 'listener', 'dialer'].map((name) => `packages/conn/src/${name}.ts`)
const clockFile = 'packages/wire/src/clock.ts'
const xstateInternalsFile = 'packages/actor/src/xstate-internals.ts'

/** A rule over single nodes: the reason why one is wrong, or nothing. */
const forbid =
  (reasonOf: (node: Node, source: Source) => string | undefined | false): Rule =>
  (source) =>
    [...nodesIn(source.tree)].flatMap((node) => {
      const reason = reasonOf(node, source)
      return typeof reason === 'string' ? [`${at(source, node)}: ${reason}`] : []
    })

/** What an import, an export from, a dynamic import or an import type names. */
export function moduleNameOf(node: Node): string | undefined {
  const name =
    isImportDeclaration(node) || isExportDeclaration(node)
      ? node.moduleSpecifier
      : isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword
        ? node.arguments[0]
        : isImportTypeNode(node) && isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : undefined
  return name !== undefined && isStringLiteral(name) ? name.text : undefined
}

/** `xstate` of `xstate/actors`, `@p2pnet/wire` of `@p2pnet/wire`. */
export const packageOf = (name: string): string =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')

export const importArrows: Rule = forbid((node, source) => {
  const name = moduleNameOf(node)
  if (name === undefined || name.startsWith('./')) return undefined
  if (name.startsWith('node:')) {
    if (source.package === 'wire') return `wire runs in browsers too and may not import ${name}`
    const isSocketFile = socketFiles.includes(source.path)
    return name === 'node:net' && !isSocketFile && `only ${socketFiles.join(', ')} may import node:net`
  }
  const allowed = arrows[source.package]
  return (
    !allowed.includes(packageOf(name)) && `${source.package} may import ${allowed.join(', ')}, not ${name}`
  )
})

export const noBufferInWire: Rule = forbid(
  (node, { package: name, path }) =>
    name === 'wire' &&
    path !== 'packages/wire/src/payload.ts' &&
    isIdentifier(node) &&
    node.text === 'Buffer' &&
    'wire takes and gives Uint8Array, no Buffer',
)

export const shortFile: Rule = ({ path, tree }) => {
  const lines = tree.text.split('\n').length - 1
  return lines <= fileLinesMax ? [] : [`${path}:${fileLinesMax + 1}: ${lines} lines, at most ${fileLinesMax}`]
}

export const opensWithComment: Rule = ({ path, tree }) =>
  /^\/[/*]/.test(tree.text) ? [] : [`${path}:1: says not what the file is: open it with a comment`]

export const shortFunctions: Rule = (source) => {
  const isCode = codeLines(source)
  return [...nodesIn(source.tree)].filter(isFunctionLikeDeclaration).flatMap((node) => {
    const first = lineOf(source, node.getStart(source.tree)) - 1
    const lines = isCode.slice(first, lineOf(source, node.end)).filter(Boolean).length
    return lines <= functionLinesMax
      ? []
      : [`${at(source, node)}: a function of ${lines} lines, at most ${functionLinesMax}`]
  })
}

const timeFunctions = ['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']
const timeMembers = ['Date.now', 'Math.random', 'performance.now', 'process.hrtime', 'process.nextTick']
const timeModules = ['node:timers', 'node:timers/promises', 'node:perf_hooks']

export const noTimeOrChance: Rule = (source) => (source.path === clockFile ? [] : usesTimeOrChance(source))

const usesTimeOrChance: Rule = forbid((node, { tree }) => {
  const used = isPropertyAccessExpression(node)
    ? timeMembers.find((name) => name === node.getText(tree))
    : isIdentifier(node) && timeFunctions.includes(node.text) && isGlobal(node)
      ? node.text
      : isNewExpression(node) &&
          node.expression.getText(tree) === 'Date' &&
          (node.arguments ?? []).length === 0
        ? 'new Date()'
        : timeModules.find((name) => name === moduleNameOf(node))
  return used !== undefined && `${used}: time and chance come from a Clock and a Random, see ${clockFile}`
})

/** A name on its own or of globalThis; not a member or a key of something else. */
function isGlobal(node: Node): boolean {
  const { parent } = node
  if (isPropertyAccessExpression(parent) && parent.name === node)
    return isIdentifier(parent.expression) && parent.expression.text === 'globalThis'
  return !('name' in parent) || parent.name !== node || parent.kind === SyntaxKind.ShorthandPropertyAssignment
}

const forbiddenKinds: ReadonlyMap<SyntaxKind, string> = new Map([
  [SyntaxKind.ExportAssignment, 'no default exports'],
  [SyntaxKind.DefaultKeyword, 'no default exports'],
  [SyntaxKind.EnumDeclaration, 'no enum: a const object and a type of the same name'],
  [SyntaxKind.ModuleDeclaration, 'no namespace'],
  [SyntaxKind.NonNullExpression, 'no !: narrow it, or take the type apart'],
])

export const forbiddenSyntax: Rule = forbid((node, source) => {
  if (node.kind === SyntaxKind.AnyKeyword)
    return !isExcusedAny(node, source) && 'no any: unknown, narrowed once'
  if (isExportSpecifier(node) && node.name.text === 'default') return 'no default exports'
  // `x!: string` of a field or a variable.
  if (node.kind === SyntaxKind.ExclamationToken) return 'no !: give it a value'
  return forbiddenKinds.get(node.kind)
})

/** `any` in the signature of a function whose first line follows a biome-ignore with its reason. */
function isExcusedAny(node: Node, { tree }: Source): boolean {
  let statement = node
  while (statement.parent !== tree) statement = statement.parent
  const before = tree.text.slice(0, statement.getStart(tree)).trimEnd().split('\n').at(-1) ?? ''
  return /^\/\/ biome-ignore lint\/suspicious\/noExplicitAny: \S/.test(before)
}

/** Files that package.json publishes: the barrel, and further entries. */
const entriesOf = (name: PackageName): readonly string[] =>
  Object.values(manifestOf(name).exports ?? {}).map((entry) =>
    String(entry['@p2pnet/source']).replace('./', `packages/${name}/`),
  )

export const oneBarrel: Rule = (source) => {
  const entries = entriesOf(source.package)
  const isEntry = entries.includes(source.path)
  const own = entries.map((entry) => entry.replace(/.*\//, './'))
  return forbid((node) => {
    const name = moduleNameOf(node)
    if (name !== undefined && own.includes(name)) return `${name} is for others: import the file itself`
    if (!isExportDeclaration(node) || name === undefined) return undefined
    if (!isEntry) return 'only an entry of the package exports what is of another file'
    return node.exportClause === undefined && 'a barrel lists names one by one'
  })(source)
}

export const privateXstate: Rule = (source) =>
  source.path === xstateInternalsFile ? [] : touchesPrivateFields(source)

/** A field with an underscore is never ours, because ours are #private. A parameter with one is merely unused. */
const touchesPrivateFields: Rule = forbid((node) => {
  if (isElementAccessExpression(node) && isStringLiteral(node.argumentExpression))
    return isPrivate(node.argumentExpression.text) && privateReason(node.argumentExpression.text)
  if (!isIdentifier(node) || !isPrivate(node.text)) return undefined
  const { parent } = node
  const isField =
    (isPropertyAccessExpression(parent) && parent.name === node) ||
    fieldParents.has(parent.kind) ||
    (parent.kind === SyntaxKind.BindingElement && parent.parent.kind === SyntaxKind.ObjectBindingPattern)
  return isField && privateReason(node.text)
})

const fieldParents: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PropertySignature,
  SyntaxKind.MethodSignature,
  SyntaxKind.PropertyAssignment,
  SyntaxKind.ShorthandPropertyAssignment,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.MethodDeclaration,
])

const isPrivate = (name: string): boolean => /^_[A-Za-z]/.test(name)
const privateReason = (name: string): string =>
  `${name} is private to xstate: only ${xstateInternalsFile} may touch it`
