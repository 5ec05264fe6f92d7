/** node --conditions=source --import tsx reproductions/control-preferences/figure.ts */
import { readdir, readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'
import type { Condition } from './experiment.ts'
import { conditions, nameOf } from './tasks.ts'

interface Saved {
  readonly condition: Condition
  readonly curve: readonly (readonly [steps: number, labels: number, value: number])[]
  readonly evaluation: number
}

const folder = new URL('results/', import.meta.url)
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
const runs = (
  await Promise.all(
    files.map(async (name): Promise<Saved[]> => JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
  )
).flat()

const curves: Curve[] = conditions.flatMap((condition) => {
  const name = nameOf(condition)
  const found = runs.filter((run) => nameOf(run.condition) === name)
  if (found.length === 0) return []
  const ends = found.map(({ evaluation }) => evaluation)
  const mean = ends.reduce((a, b) => a + b, 0) / ends.length
  console.log(`${name}: ${mean.toFixed(0)} (${ends.map((end) => end.toFixed(0)).join(', ')})`)
  return [{ name, seeds: found.map(({ curve }) => curve.map(([steps, , value]) => [steps, value] as const)) }]
})
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: 'Pendulum from comparisons of clips',
  x: 'steps in the environment',
  y: 'mean true return of an episode',
})
