import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Numbers that a measuring process printed. */
export type Numbers = Readonly<Record<string, number>>

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const python = here('peers/.venv/bin/python')

/** Is there an environment to compare with? */
export const hasPeers = existsSync(python)

/** Runs one of `bench/ours` in a process of its own; `methods/direct@gpt` has the argument gpt. */
export function ours(name: string): Promise<Numbers> {
  const [script, ...args] = name.split('@')
  return lastLine(process.execPath, [
    '--conditions=source',
    '--import',
    'tsx',
    here(`ours/${script}.ts`),
    ...args,
  ])
}

/** Runs its counterpart of `bench/peers` in a process of its own (file names as Python writes them). */
export function peer(name: string): Promise<Numbers> {
  const [script, ...args] = name.split('@')
  return lastLine(python, [here(`peers/${script!.replaceAll('-', '_')}.py`), ...args])
}

/** The JSON that a process prints as its last line. Throws with its error output when it fails. */
export async function lastLine(command: string, args: readonly string[]): Promise<Numbers> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, error] = ['', '']
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr.on('data', (data) => {
    error += data
  })
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${error}`)
  return JSON.parse(out.trim().split('\n').at(-1)!)
}
