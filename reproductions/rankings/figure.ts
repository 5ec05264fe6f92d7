/** node --conditions=source --import tsx reproductions/rankings/figure.ts: cart-pole.svg, acrobot.svg, and the rows of README.md's tables */
import { readFile } from 'node:fs/promises'
import { writeFigure } from '../figure.ts'
import type { Outcome } from './run.ts'

type Results = Readonly<Record<'cart' | 'acrobot', readonly Outcome[]>>

const runs = await Promise.all(
  [1, 2, 3].map(
    async (seed): Promise<Results> =>
      JSON.parse(await readFile(new URL(`results/seed-${seed}.json`, import.meta.url), 'utf8')),
  ),
)

await figureOf('cart', 'cart-pole.svg', 'steps that the pole is balanced, of 200')
await figureOf('acrobot', 'acrobot.svg', 'steps until the tip is above the bar')

async function figureOf(task: keyof Results, file: string, y: string): Promise<void> {
  const curves = runs[0]![task].map(({ name }, i) => ({
    name,
    seeds: runs.map((run) => run[task][i]!.curve),
  }))
  await writeFigure(new URL(file, import.meta.url), curves, {
    title: 'Policies from rankings',
    x: 'comparisons',
    y: `${y} (mean of 20 episodes)`,
  })
  for (const { name, seeds } of curves) {
    const ends = seeds.map((curve) => curve.at(-1)!)
    console.log(`| ${[name, ends[0]![0], ...ends.map(([, value]) => value)].join(' | ')} |`)
  }
}
