/** node --conditions=source --import tsx reproductions/pebble-pendulum/figure.ts */
import { readdir, readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'

interface Saved {
  readonly name: string
  readonly curve: readonly (readonly [number, number])[]
  readonly evaluation: number
}

const folder = new URL('results/', import.meta.url)
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
const runs = (
  await Promise.all(
    files.map(async (name): Promise<Saved[]> => JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
  )
).flat()
const names = [...new Set(runs.map(({ name }) => name))]
const curves: Curve[] = names.map((name) => ({
  name,
  seeds: runs.filter((run) => run.name === name).map(({ curve }) => curve),
}))
for (const name of names)
  console.log(
    name,
    runs.filter((run) => run.name === name).map(({ evaluation }) => evaluation),
  )
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: 'Pendulum from comparisons with relabelled replay',
  x: 'steps in the environment',
  y: 'mean true return of an episode',
})
