/** node --conditions=source --import tsx reproductions/tamer-tetris/figure.ts */
import { readFile } from 'node:fs/promises'
import { type Curve, writeFigure } from '../figure.ts'

type Results = { readonly result: Readonly<Record<string, { readonly rows: readonly number[] }>> }

const runs = await Promise.all(
  [1, 2, 3].map(
    async (seed): Promise<Results> =>
      JSON.parse(await readFile(new URL(`results/seed-${seed}.json`, import.meta.url), 'utf8')),
  ),
)
/** Running means of five games, at the last of them. */
const series = (rows: readonly number[]) =>
  rows.slice(4).map((_, i) => [i + 5, rows.slice(i, i + 5).reduce((a, b) => a + b, 0) / 5] as const)

const curves: Curve[] = Object.keys(runs[0]!.result).map((name) => ({
  name,
  seeds: runs.map(({ result }) => series(result[name]!.rows)),
}))
await writeFigure(new URL('figure.svg', import.meta.url), curves, {
  title: 'TAMER and Sarsa on Tetris',
  x: 'game',
  y: 'rows cleared, mean of five games',
})
