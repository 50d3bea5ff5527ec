// `pnpm check:pack`: what would be published, as a stranger gets it. Packs the packages, looks into the tarballs,
// installs them with npm in an empty folder and runs the README's first example there with plain Node.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { readmeExamples } from './readme-examples.mjs'

const packages = ['wire', 'conn', 'actor', 'net']
const packagesPath = fileURLToPath(new URL('../packages/', import.meta.url))

/** What it says on stderr is shown if it fails. */
const run = (command, args, cwd) =>
  execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
  })

/** A script of pnpm is told where pnpm is; without it there would be no `pnpm pack`. */
function runPnpm(args, cwd) {
  const pnpm = process.env.npm_execpath
  assert(pnpm?.includes('pnpm'), 'run this with pnpm: pnpm check:pack')
  // Either a script for Node, or an executable of its own.
  return /\.[cm]?js$/.test(pnpm) ? run(process.execPath, [pnpm, ...args], cwd) : run(pnpm, args, cwd)
}

/** Packs one package; returns its name and where the tarball is. */
function pack(name, folder) {
  const packed = JSON.parse(
    runPnpm(['pack', '--json', '--pack-destination', folder], join(packagesPath, name)),
  )
  return { name: packed.name, tarball: packed.filename, files: packed.files.map(({ path }) => path) }
}

/** Every condition of every entry, whatever the depth. */
const conditionsOf = (exported) =>
  typeof exported === 'string'
    ? []
    : Object.entries(exported).flatMap(([key, value]) => [key, ...conditionsOf(value)])

/** What is in a tarball, and what its package.json promises. */
function checkContent({ name, files }, manifest) {
  const strays = files.filter(
    (file) => !/^(dist\/.+\.(js|d\.ts)(\.map)?|package\.json|README\.md|LICENSE)$/.test(file),
  )
  assert.deepEqual(strays, [], `${name} packs files that are not for users`)
  assert(!conditionsOf(manifest.exports).includes('@p2pnet/source'), `${name} exports its sources`)
  const versions = Object.values(manifest.dependencies)
  assert(
    !versions.some((version) => /^(workspace|catalog):/.test(version)),
    `${name} depends on the workspace`,
  )
}

async function lint({ name, tarball }) {
  const { messages, pkg } = await publint({
    pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
    strict: true,
  })
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
    `publint about ${name}`,
  )
}

/** The folder of a stranger: nothing but the tarballs. */
function install(tarballs, folder) {
  const dependencies = Object.fromEntries(tarballs.map(({ name, tarball }) => [name, `file:${tarball}`]))
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module', dependencies }))
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}

const packFolder = mkdtempSync(join(tmpdir(), 'p2pnet-pack-'))
const userFolder = mkdtempSync(join(tmpdir(), 'p2pnet-user-'))
try {
  const tarballs = packages.map((name) => pack(name, packFolder))
  for (const tarball of tarballs) await lint(tarball)
  install(tarballs, userFolder)
  for (const tarball of tarballs) {
    const installed = join(userFolder, 'node_modules', tarball.name)
    checkContent(tarball, JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')))
    // One copy of each: a second one would have error classes and routing maps of its own.
    const nested = readdirSync(installed).includes('node_modules')
    assert(!nested, `${tarball.name} has brought dependencies of its own`)
  }
  const [example] = readmeExamples()
  writeFileSync(join(userFolder, 'first.js'), example.code)
  assert.deepEqual(run(process.execPath, ['first.js'], userFolder).trimEnd().split('\n'), example.prints)
  process.stdout.write(
    `${tarballs.map(({ name }) => name).join(', ')}: packed, installed, and the first example runs\n`,
  )
} finally {
  rmSync(packFolder, { recursive: true, force: true })
  rmSync(userFolder, { recursive: true, force: true })
}
