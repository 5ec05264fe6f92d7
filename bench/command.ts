import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Milliseconds of `attune --help`. */
export async function helpTime(): Promise<number> {
  const began = performance.now()
  const code = await endOf(attune('--help'))
  if (code !== 0) throw new Error(`attune --help ended with ${code}`)
  return performance.now() - began
}

const recipe = `name: first
stages:
  - name: sft
    stage: sft
    model: models/sotu-4m
    data: recipes/quickstart/train.jsonl
    steps: 50
    batch_size: 32
    learning_rate: 3.0e-4
`

/** Seconds from the command to the first training step in the log. */
export async function firstStepTime(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'))
  const file = join(folder, 'recipe.yaml')
  await writeFile(file, recipe)
  const log = join(folder, 'first', 'sft', 'metrics.jsonl')
  const began = performance.now()
  const child = attune('sft', file, '--runs', folder)
  const ended = endOf(child)
  try {
    while (!(existsSync(log) && statSync(log).size > 0)) {
      if (child.exitCode !== null) throw new Error(`attune sft ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    return (performance.now() - began) / 1000
  } finally {
    child.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true })
  }
}

function attune(...args: string[]): ChildProcess {
  const command = join(root, 'packages/cli/bin/attune.js')
  return spawn(process.execPath, [command, ...args], { cwd: root, stdio: 'ignore' })
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.on('close', resolve))
}
