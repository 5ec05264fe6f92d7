/** Compiles every package to its dist folder, in the order of their imports: what is published. Nothing else needs it. */
import { spawnSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const manifests = new Map<string, Manifest>(
  readdirSync('packages').map((folder) => [
    folder,
    JSON.parse(readFileSync(join('packages', folder, 'package.json'), 'utf8')) as Manifest,
  ]),
)

for (const folder of inOrder()) {
  const own = manifests.get(folder)!.scripts?.build
  process.stderr.write(`${folder}\n`)
  if (own) run('npm', ['run', 'build', '-w', `packages/${folder}`])
  else compile(folder)
}
cpSync('packages/studio/dist', 'packages/cli/dist/studio', { recursive: true }) // `attune studio` serves it

/** Packages, those first that others import. */
function inOrder(): string[] {
  const order: string[] = []
  const visit = (folder: string): void => {
    if (order.includes(folder)) return
    for (const [other, { name }] of manifests)
      if (name in (manifests.get(folder)!.dependencies ?? {})) visit(other)
    order.push(folder)
  }
  for (const folder of manifests.keys()) visit(folder)
  return order
}

/** Emits one package's sources without its tests, against what the others have built. */
function compile(folder: string): void {
  const root = resolve('packages', folder)
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  const project = join(root, 'tsconfig.build.json')
  const options = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    customConditions: [],
  }
  writeFileSync(
    project,
    JSON.stringify({
      extends: resolve('tsconfig.json'),
      compilerOptions: { ...options, rootDir: join(root, 'src'), outDir: join(root, 'dist') },
      include: [join(root, 'src')],
      exclude: [join(root, 'src/**/*.test.ts')],
    }),
  )
  try {
    run(process.execPath, [resolve('node_modules/typescript/bin/tsc'), '-p', project])
  } finally {
    rmSync(project)
  }
}

function run(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`)
}
