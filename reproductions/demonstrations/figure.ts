/** node --import tsx reproductions/demonstrations/figure.ts: figure.svg, and the rows of README.md's table */
import { readdir, readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'
import type { Outcome } from './run.ts'

const folder = new URL('results/', import.meta.url)
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
const runs = await Promise.all(
  files.map(
    async (name): Promise<{ outcomes: Outcome[] }> =>
      JSON.parse(await readFile(new URL(name, folder), 'utf8')),
  ),
)
const names = runs[0]!.outcomes.map(({ name }) => name)
const of = (name: string) => runs.map(({ outcomes }) => outcomes.find((outcome) => outcome.name === name)!)
for (const name of names) {
  const ends = of(name)
  const mean = ends.reduce((sum, { evaluation }) => sum + evaluation, 0) / ends.length
  const cells = [name, ...ends.map(({ evaluation }) => evaluation), mean.toFixed(1)]
  console.log(`| ${cells.join(' | ')} |`)
}

/** Means of five iterations; what only imitated has no curve. */
const smooth = (curve: Outcome['curve']) =>
  curve
    .slice(4)
    .map(([steps], i) => [steps, curve.slice(i, i + 5).reduce((sum, [, y]) => sum + y, 0) / 5] as const)
const curves: Curve[] = names
  .filter((name) => name !== 'demonstrations')
  .map((name) => ({ name, seeds: of(name).map(({ curve }) => smooth(curve)) }))
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: 'Breakout from labels, with and without demonstrations',
  x: 'steps of the agent',
  y: 'points a game, actions drawn with ε (mean of five iterations)',
})
