/**
 * Holds the walls of docs/layout.md: imports between packages go down only (type imports included), files do not import
 * each other in circles, other packages are entered through their doors, and one folder knows ONNX Runtime.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'

/** What each package may import of ours: a package with all its doors, or one of its doors. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  grad: [],
  feedback: [],
  lm: ['grad'],
  rlhf: ['grad', 'lm', 'feedback'],
  control: ['grad', 'feedback', 'rlhf/objectives', 'rlhf/advantages'],
  server: ['grad', 'lm', 'feedback', 'rlhf', 'control', 'cluster'],
  studio: ['feedback', 'server'],
  cli: ['grad', 'lm', 'feedback', 'rlhf', 'control', 'server'],
}

const importPattern =
  /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)\s*import\s*['"]([^'"]+)['"]/g

const problems: string[] = []
const graph = new Map<string, string[]>()

for (const file of sources()) {
  const owner = file.split('/')[1]!
  const edges: string[] = []
  for (const specifier of importsOf(file)) {
    if (
      specifier.startsWith('onnxruntime') &&
      !file.startsWith('packages/grad/src/runtime/') &&
      !file.endsWith('.test.ts')
    ) {
      problems.push(`${file}: imports ${specifier}; only packages/grad/src/runtime may`)
    }
    const match = /^@attune\/(([^/]+).*)/.exec(specifier)
    if (match && !allowed[owner]?.some((name) => name === match[1] || name === match[2])) {
      problems.push(
        `${file}: imports ${specifier}; '${owner}' may import ${allowed[owner]?.join(', ') || 'no other package'}`,
      )
    }
    if (owner === 'studio' && specifier === '@attune/server' && !isTypeImport(file, specifier)) {
      problems.push(`${file}: imports ${specifier} as a value; the studio may 'import type' from it`)
    }
    if (!specifier.startsWith('.')) continue
    const target = normalize(join(dirname(file), specifier))
    const isTestOfScript = file.endsWith('.test.ts') && target.startsWith('scripts/')
    if (target.split('/')[1] !== owner && !isTestOfScript)
      problems.push(`${file}: reaches into ${target}; use the package's door`)
    if (!existsSync(target)) problems.push(`${file}: imports ${specifier}, which is not there`)
    edges.push(target)
  }
  graph.set(file, edges)
}
problems.push(
  ...cycles().map((cycle) => `import cycle: ${cycle.map((file) => relative('packages', file)).join(' → ')}`),
)

for (const problem of problems) console.error(problem)
console.error(problems.length === 0 ? `layers hold in ${graph.size} files` : `${problems.length} problems`)
process.exitCode = problems.length === 0 ? 0 : 1

function sources(): string[] {
  const folders = Object.keys(allowed).map((name) => `packages/${name}/src`)
  return folders.filter((folder) => existsSync(folder)).flatMap(walk)
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return walk(path)
    return /\.tsx?$/.test(entry.name) ? [path] : []
  })
}

function importsOf(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map(
    (match) => (match[1] ?? match[2] ?? match[3])!,
  )
}

function isTypeImport(file: string, specifier: string): boolean {
  const [before] = readFileSync(file, 'utf8').split(`'${specifier}'`)
  return before!.slice(before!.lastIndexOf('import')).startsWith('import type')
}

/** Every circle of relative imports, once. */
function cycles(): string[][] {
  const found: string[][] = []
  const state = new Map<string, 'open' | 'closed'>()
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'closed') return
    if (state.get(file) === 'open') {
      found.push([...path.slice(path.indexOf(file)), file])
      return
    }
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'closed')
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}
