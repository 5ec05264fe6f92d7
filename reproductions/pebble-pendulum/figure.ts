/** node --conditions=source --import tsx reproductions/pebble-pendulum/figure.ts: figure.svg, and the rows of README.md's table */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { meanOf, readSeeds } from '../shared/seeds.ts'
import type { Outcome } from './run.ts'

const runs = readSeeds<readonly Outcome[]>(import.meta.url)
const lines = runs[0]!.map(({ name }, i) => ({ name, seeds: runs.map((run) => run[i]!.curve) }))
const figure = chart([{ lines }], {
  title: 'Pendulum from comparisons with relabelled replay',
  x: 'steps in the environment',
  y: 'mean true return of an episode',
})
await writeFile(new URL('figure.svg', import.meta.url), figure)
for (const [i, { name }] of lines.entries()) {
  const ends = runs.map((run) => run[i]!.evaluation)
  console.log(`| ${[name, ...ends, Math.round(meanOf(ends))].join(' | ')} |`)
}
