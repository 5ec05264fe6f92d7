/** node --conditions=source --import tsx reproductions/rankings/figure.ts: cart-pole.svg, acrobot.svg, and the rows of README.md's tables */
import { writeFile } from 'node:fs/promises'
import { chart } from '../shared/chart.ts'
import { readSeeds } from '../shared/seeds.ts'
import type { Outcome } from './run.ts'

const runs = readSeeds<Readonly<Record<'cart' | 'acrobot', readonly Outcome[]>>>(import.meta.url)

await figureOf('cart', 'cart-pole.svg', 'steps that the pole is balanced, of 200')
await figureOf('acrobot', 'acrobot.svg', 'steps until the tip is above the bar')

async function figureOf(task: 'cart' | 'acrobot', file: string, y: string): Promise<void> {
  const lines = runs[0]![task].map(({ name }, i) => ({ name, seeds: runs.map((run) => run[task][i]!.curve) }))
  const figure = chart([{ lines }], {
    title: 'Policies from rankings',
    x: 'comparisons',
    y: `${y} (mean of 20 episodes)`,
  })
  await writeFile(new URL(file, import.meta.url), figure)
  for (const { name, seeds } of lines) {
    const ends = seeds.map((curve) => curve.at(-1)!)
    console.log(`| ${[name, ends[0]![0], ...ends.map(([, value]) => Math.round(value))].join(' | ')} |`)
  }
}
