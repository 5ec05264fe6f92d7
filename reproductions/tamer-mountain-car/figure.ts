/** node --conditions=source --import tsx reproductions/tamer-mountain-car/figure.ts: figure.svg */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { readSeeds } from '../shared/seeds.ts'

type Results = { readonly result: Readonly<Record<string, { readonly lengths: readonly number[] }>> }

const runs = readSeeds<Results>(import.meta.url)
const lines = Object.keys(runs[0]!.result).map((name) => ({
  name,
  seeds: runs.map(({ result }) => result[name]!.lengths.map((length, i) => [i + 1, length] as const)),
}))
const figure = chart([{ lines }], {
  title: 'TAMER and Sarsa on MountainCar',
  x: 'episode (logarithmic)',
  y: 'steps to the goal',
  logarithmic: true,
})
await writeFile(new URL('figure.svg', import.meta.url), figure)
