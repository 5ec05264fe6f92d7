import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openStore } from '@attune/feedback/store'
import { buildSync } from 'esbuild'
import { all, pairs } from './fixtures-store.ts'

/** What a series of kills found. */
export interface KillReport {
  readonly cycles: number
  readonly acknowledged: number
  readonly lost: number
  readonly doubled: number
}

/** The writer in one file, so that a process starts in a moment; beside the packages that it loads. */
function writerScript(): string {
  const outfile = join(
    fileURLToPath(new URL('../../../node_modules/.cache/attune/', import.meta.url)),
    `writer-${process.pid}.mjs`,
  )
  buildSync({
    entryPoints: [fileURLToPath(new URL('store-writer.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    external: ['pg', '@photostructure/sqlite'],
    outfile,
  })
  return outfile
}

let script = ''

/** Starts a writer, behind another program where one is given; `done` resolves to the keys that it acknowledged. */
export function startWriter(
  address: string,
  annotator: string,
  mode: 'exclusive' | 'shared',
  behind: readonly string[] = [],
) {
  script ||= writerScript()
  const [program, ...before] = [...behind, process.execPath]
  const child = spawn(program!, [...before, script, address, annotator, mode], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  let begun = () => {}
  const ready = new Promise<void>((resolve) => {
    begun = resolve
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    if (output.startsWith('ready\n')) begun()
  })
  const done = new Promise<string[]>((resolve) =>
    child.once('close', () => {
      begun()
      resolve(output.split('\n').slice(1, -1))
    }),
  )
  return { ready, done, kill: () => child.kill('SIGKILL') }
}

/**
 * Kills a writer within `longest` milliseconds, in the middle of its storm again and again, and then fails the power where `losePower`
 * is given; every acknowledged key must be there once.
 */
export async function killCycles(
  address: string,
  {
    cycles,
    mode = 'exclusive',
    longest = 150,
    losePower = async () => {},
  }: {
    cycles: number
    mode?: 'exclusive' | 'shared'
    longest?: number
    losePower?: () => Promise<void>
  },
): Promise<KillReport> {
  const first = await openStore(address)
  await first.projects.create({ id: 'p', name: 'Storm', protocol: { kind: 'comparison', overlap: 1000 } })
  await first.addItems('p', pairs(3000))
  await first.close()
  const acknowledged = new Set<string>()
  for (let cycle = 0; cycle < cycles; cycle++) {
    const writer = startWriter(address, `w${cycle}`, mode)
    await writer.ready
    await new Promise((resolve) => setTimeout(resolve, Math.random() * longest))
    writer.kill()
    for (const key of await writer.done) acknowledged.add(key)
    await losePower()
  }
  const store = await openStore(address)
  const kept = (await all(store.judgments('p'))).map(({ annotator, item }) => `${annotator.id} ${item}`)
  await store.close()
  const distinct = new Set(kept)
  return {
    cycles,
    acknowledged: acknowledged.size,
    lost: [...acknowledged].filter((key) => !distinct.has(key)).length,
    doubled: kept.length - distinct.size,
  }
}
