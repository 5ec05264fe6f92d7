/** node --conditions=source --import tsx reproductions/hopper-backflip/figure.ts: figure.svg */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { readSeeds } from '../shared/seeds.ts'

interface Saved {
  readonly curve: readonly (readonly [steps: number, labels: number, score: number])[]
}

const seeds = readSeeds<Saved>(import.meta.url).map(({ curve }) =>
  curve.map(([steps, , score]) => [steps, score] as const),
)
const figure = chart([{ lines: [{ name: `from comparisons (${seeds.length} seeds)`, seeds }] }], {
  title: "Hopper's backflip from comparisons",
  x: 'steps in the environment, over which 900 comparisons are given',
  y: 'score of an episode, never seen by the agent',
})
await writeFile(new URL('figure.svg', import.meta.url), figure)
