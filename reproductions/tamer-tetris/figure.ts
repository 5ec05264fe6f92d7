/** node --conditions=source --import tsx reproductions/tamer-tetris/figure.ts: figure.svg */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { meanOf, readSeeds } from '../shared/seeds.ts'

type Results = { readonly result: Readonly<Record<string, { readonly rows: readonly number[] }>> }

const runs = readSeeds<Results>(import.meta.url)
/** Running means of five games, at the last of them. */
const series = (rows: readonly number[]) =>
  rows.slice(4).map((_, i) => [i + 5, meanOf(rows.slice(i, i + 5))] as const)

const lines = Object.keys(runs[0]!.result).map((name) => ({
  name,
  seeds: runs.map(({ result }) => series(result[name]!.rows)),
}))
const figure = chart([{ lines }], {
  title: 'TAMER and Sarsa on Tetris',
  x: 'game (logarithmic)',
  y: 'rows cleared, mean of five games',
  logarithmic: true,
})
await writeFile(new URL('figure.svg', import.meta.url), figure)
