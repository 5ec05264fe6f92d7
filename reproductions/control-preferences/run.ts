/**
 * Runs conditions that have no result yet and writes results/<seed>.json after each:
 * node --conditions=source --import tsx reproductions/control-preferences/run.ts [seed …]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { type Outcome, runOnce } from './experiment.ts'
import { conditions, nameOf, pendulum } from './tasks.ts'

const folder = new URL('results/', import.meta.url)
await mkdir(folder, { recursive: true })
const seeds = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1, 2, 3]

for (const condition of conditions) {
  for (const seed of seeds) {
    const file = new URL(`seed-${seed}.json`, folder)
    const done: Outcome[] = JSON.parse(await readFile(file, 'utf8').catch(() => '[]'))
    if (done.some((outcome) => nameOf(outcome.condition) === nameOf(condition))) continue
    const outcome = await runOnce(pendulum, condition, seed)
    await writeFile(file, `${JSON.stringify([...done, rounded(outcome)], null, 1)}\n`)
    console.log(
      `seed ${seed}, ${nameOf(condition)}: ${outcome.evaluation.toFixed(0)} in ${outcome.seconds.toFixed(0)} s`,
    )
  }
}

function rounded(outcome: Outcome): object {
  return {
    ...outcome,
    curve: outcome.curve.map(({ steps, labels, return: value }) => [
      steps,
      labels,
      Math.round(value * 10) / 10,
    ]),
    evaluation: Math.round(outcome.evaluation * 10) / 10,
    seconds: Math.round(outcome.seconds),
  }
}
