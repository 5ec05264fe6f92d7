/** node --conditions=source --import tsx reproductions/control-ppo/figure.ts: curves.svg, and the rows of README.md's table */
import { writeFile } from 'node:fs/promises'
import { chart, type Line, type Panel } from '../shared/chart.ts'
import { readSeeds } from '../shared/seeds.ts'
import { type SeedResults, tasks } from './tasks.ts'

const runs = readSeeds<SeedResults>(import.meta.url)
const panels = Object.entries(tasks).map(([task, title]): Panel => {
  const lines = runs.map(
    ({ seed, tasks: { [task]: result } }): Line => ({
      name: `seed ${seed}`,
      seeds: [result?.curve ?? []],
    }),
  )
  return { title, lines }
})
const figure = chart(panels, {
  title: 'PPO on the true reward',
  x: 'steps of the agent',
  y: 'mean return of the episodes that ended, while training',
})
await writeFile(new URL('curves.svg', import.meta.url), figure)
for (const [task, title] of Object.entries(tasks)) {
  const results = runs.flatMap((run) => run.tasks[task] ?? [])
  const minutes = results.map(({ seconds }) => (seconds / 60).toFixed(1))
  const means = results.map(({ mean }) => String(mean).replace('-', '−'))
  console.log(`| ${[title, results[0]?.steps, ...means, `${minutes.join(', ')} min`].join(' | ')} |`)
}
