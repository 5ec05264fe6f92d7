/**
 * The experiment of Christiano et al.'s figures 2 and 3; what has a result is not run again.
 *   usage: node --conditions=source --import tsx reproductions/control-preferences/run.ts
 *            [--task pendulum …] [--arm true-reward …] [--seed 1 …] [--jobs 2] [--list]
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { readResult } from './results.ts'
import { arms, tasks } from './tasks.ts'

const { values } = parseArgs({
  options: {
    task: { type: 'string', multiple: true },
    arm: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true },
    jobs: { type: 'string', default: '1' },
    list: { type: 'boolean' },
  },
})
const chosenTasks = known('task', values.task, Object.keys(tasks))
const chosenArms = known('arm', values.arm, Object.keys(arms))
const runs = (values.seed ?? ['1', '2', '3']).flatMap((seed) =>
  chosenTasks.flatMap((task) => chosenArms.map((arm) => ({ task, arm, seed: Number(seed) }))),
)
const missing: typeof runs = []
for (const run of runs) if (!(await readResult(run.task, run.arm, run.seed))) missing.push(run)
console.log(`${runs.length} runs, of which ${runs.length - missing.length} have a result`)

let failed = 0
if (values.list) for (const run of missing) console.log(nameOf(run))
else await Promise.all(Array.from({ length: Number(values.jobs) }, () => worker()))
process.exitCode = failed > 0 ? 1 : 0

/** Takes one run after another until none is left. */
async function worker(): Promise<void> {
  for (let next = missing.shift(); next; next = missing.shift()) {
    const began = performance.now()
    const code = await child(next)
    const result = await readResult(next.task, next.arm, next.seed)
    if (code !== 0 || !result) failed++
    const what = result ? `return ${result.evaluation}` : `FAILED with ${code}`
    console.log(
      `${nameOf(next)}: ${what} in ${((performance.now() - began) / 1000).toFixed(0)} s; ${missing.length} left`,
    )
  }
}

function child({ task, arm, seed }: (typeof runs)[number]): Promise<number | null> {
  const script = fileURLToPath(new URL('one.ts', import.meta.url))
  const command = ['--conditions=source', '--import', 'tsx', script, task, arm, String(seed)]
  const started = spawn(process.execPath, command, { stdio: ['ignore', 'inherit', 'inherit'] })
  return new Promise((resolve) => started.on('close', resolve))
}

function nameOf({ task, arm, seed }: (typeof runs)[number]): string {
  return `${task}, ${arm}, seed ${seed}`
}

function known(
  what: string,
  given: readonly string[] | undefined,
  all: readonly string[],
): readonly string[] {
  const stranger = given?.find((name) => !all.includes(name))
  if (stranger === undefined) return given ?? all
  console.error(`--${what} ${stranger}: there are ${all.join(', ')}`)
  process.exit(2)
}
