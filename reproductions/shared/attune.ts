import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** Runs `attune` in the project's folder and gives what it printed to standard output; throws when it fails. */
export function attune(...words: readonly string[]): string {
  const path = join(root, 'packages/cli/bin/attune.js')
  const { status, stdout } = spawnSync(process.execPath, [path, ...words], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`attune ${words.join(' ')} ended with ${status}`)
  return stdout
}

/** A run's metrics, step by step. */
export function metricsOf(folder: string): Readonly<Record<string, number>>[] {
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n')
  return lines.map((line) => JSON.parse(line))
}
