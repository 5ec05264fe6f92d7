/** node --conditions=source --import tsx reproductions/tamer-mountain-car/figure.ts */
import { readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'

type Results = { readonly result: Readonly<Record<string, { readonly lengths: readonly number[] }>> }

const runs = await Promise.all(
  [1, 2, 3].map(
    async (seed): Promise<Results> =>
      JSON.parse(await readFile(new URL(`results/seed-${seed}.json`, import.meta.url), 'utf8')),
  ),
)
const curves: Curve[] = Object.keys(runs[0]!.result).map((name) => ({
  name,
  seeds: runs.map(({ result }) =>
    result[name]!.lengths.slice(0, 60).map((length, episode) => [episode + 1, length] as const),
  ),
}))
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: 'TAMER and Sarsa on MountainCar',
  x: 'episode',
  y: 'steps to the goal',
})
