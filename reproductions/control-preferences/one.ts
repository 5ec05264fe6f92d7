/** One run of the grid, in a process of its own: one.ts <task> <arm> <seed> [steps]. With steps it is a trial, and nothing is written. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { runOnce } from './experiment.ts'
import { resultFile } from './results.ts'
import { arms, tasks } from './tasks.ts'

const [taskName = '', armName = '', seedText = '', steps] = process.argv.slice(2)
const [task, arm, seed] = [tasks[taskName], arms[armName], Number(seedText)]
if (!task || !arm || !Number.isInteger(seed)) throw new Error('usage: one.ts <task> <arm> <seed> [steps]')
const outcome = await runOnce(steps ? { ...task, totalSteps: Number(steps) } : task, arm, seed)
const { curve, ...rest } = outcome
if (steps) console.log(JSON.stringify({ ...rest, curve }))
else {
  const file = resultFile(taskName, armName, seed)
  await mkdir(new URL('.', file), { recursive: true })
  const temporary = new URL(`${file.href}.tmp`)
  const lines = curve.map((point) => `  ${JSON.stringify(point)}`).join(',\n')
  const head = JSON.stringify({ task: taskName, arm: armName, seed, ...rest }).slice(0, -1)
  await writeFile(temporary, `${head}, "curve": [\n${lines}\n]}\n`)
  await rename(temporary, file)
}
