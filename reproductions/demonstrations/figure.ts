/** node --conditions=source --import tsx reproductions/demonstrations/figure.ts: figure.svg, and the rows of README.md's table */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { meanOf, readSeeds } from '../shared/seeds.ts'
import type { Outcome } from './run.ts'

const runs = readSeeds<{ readonly outcomes: readonly Outcome[] }>(import.meta.url)
const arms = runs[0]!.outcomes.map(({ name }, i) => ({
  name,
  runs: runs.map(({ outcomes }) => outcomes[i]!),
}))
for (const arm of arms) {
  const ends = arm.runs.map(({ evaluation }) => evaluation)
  console.log(`| ${[arm.name, ...ends, meanOf(ends).toFixed(1)].join(' | ')} |`)
}

/** Means of five iterations. */
const smooth = (curve: Outcome['curve']) =>
  curve.slice(4).map(([steps], i) => [steps, meanOf(curve.slice(i, i + 5).map(([, y]) => y))] as const)
const lines = arms
  .map(({ name, runs: seeds }) => ({ name, seeds: seeds.map(({ curve }) => smooth(curve)) }))
  .filter(({ seeds }) => seeds.some((curve) => curve.length > 0)) // what only imitated has no curve
const figure = chart([{ lines }], {
  title: 'Breakout from labels, with and without demonstrations',
  x: 'steps of the agent',
  y: 'points a game, actions drawn with ε (mean of five iterations)',
})
await writeFile(new URL('figure.svg', import.meta.url), figure)
