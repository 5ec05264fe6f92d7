/** node --conditions=source --import tsx reproductions/hopper-backflip/figure.ts */
import { readdir, readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'

interface Saved {
  readonly curve: readonly (readonly [steps: number, labels: number, score: number])[]
}

const folder = new URL('results/', import.meta.url)
const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort()
const runs = await Promise.all(
  files.map(async (name): Promise<Saved> => JSON.parse(await readFile(new URL(name, folder), 'utf8'))),
)
const curves: Curve[] = [
  {
    name: 'from comparisons',
    seeds: runs.map(({ curve }) => curve.map(([steps, , score]) => [steps, score] as const)),
  },
]
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: "Hopper's backflip from comparisons",
  x: 'steps in the environment, over which 900 comparisons are given',
  y: 'score of an episode, never seen by the agent',
})
