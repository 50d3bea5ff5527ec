// What the sources declare, for comparing it with the tables of docs/.
import {
  isClassDeclaration,
  isInterfaceDeclaration,
  isLiteralTypeNode,
  isMethodDeclaration,
  isPropertySignatureDeclaration,
  isStringLiteral,
  isTypeAliasDeclaration,
  isTypeLiteralNode,
  isVariableDeclaration,
  type Node,
} from 'typescript/unstable/ast'
import { nodesIn, type Source } from './source.ts'

/** The words of all unions of words whose name ends so. */
export const wordsOf = (sources: readonly Source[], nameEnd: string): string[] =>
  allNodes(sources)
    .filter((node) => isTypeAliasDeclaration(node) && node.name.text.endsWith(nameEnd))
    .flatMap((alias) => [...nodesIn(alias)])
    .flatMap((node) => (isLiteralTypeNode(node) && isStringLiteral(node.literal) ? [node.literal.text] : []))

/** The fields of an interface, in order. @throws Error if there is none of this name */
export function fieldsOf(sources: readonly Source[], interfaceName: string): string[] {
  const declared = allNodes(sources).find(
    (node) => isInterfaceDeclaration(node) && node.name.text === interfaceName,
  )
  return propertyNames(declared, `interface ${interfaceName}`)
}

/** The fields of an options object that a method's parameter spells out. */
export function parameterFieldsOf(sources: readonly Source[], className: string, method: string): string[] {
  const owner = allNodes(sources).find((node) => isClassDeclaration(node) && node.name?.text === className)
  const declared = owner === undefined ? [] : [...nodesIn(owner)]
  const found = declared.find((node) => isMethodDeclaration(node) && node.name.getText() === method)
  const literal = found === undefined ? undefined : [...nodesIn(found)].find(isTypeLiteralNode)
  return propertyNames(literal, `${className}.${method}`)
}

/** The number that a constant is made with: `5_000`. */
export function constantOf(sources: readonly Source[], name: string): number {
  const declared = allNodes(sources).find(
    (node) => isVariableDeclaration(node) && node.name.getText() === name,
  )
  const text =
    declared !== undefined && isVariableDeclaration(declared) ? declared.initializer?.getText() : undefined
  if (text === undefined) throw new Error(`there is no constant ${name}`)
  return Number(text.replaceAll('_', ''))
}

const allNodes = (sources: readonly Source[]): Node[] => sources.flatMap(({ tree }) => [...nodesIn(tree)])

function propertyNames(node: Node | undefined, what: string): string[] {
  if (node === undefined) throw new Error(`there is no ${what}`)
  const names: string[] = []
  node.forEachChild((child) => {
    if (isPropertySignatureDeclaration(child)) names.push(child.name.getText())
  })
  return names
}
