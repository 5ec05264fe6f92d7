/**
 * Figures and table of all results: node --conditions=source --import tsx reproductions/control-preferences/figure.ts
 * Writes mujoco.svg and minatar.svg (return against steps) and labels.svg (return at the end against labels), and prints the table of README.md.
 */
import { writeFile } from 'node:fs/promises'
import { chart, type Panel } from '../shared/chart.ts'
import { meanOf } from '../shared/seeds.ts'
import { type Result, readResult } from './results.ts'
import { arms, tasks } from './tasks.ts'

/** Darker blue is more labels; random queries are dashed. */
const colours: Readonly<Record<string, string>> = {
  'true-reward': '#3a3f45',
  'labels-350': '#8ecae6',
  'labels-700': '#2a86c7',
  'labels-1400': '#023e7d',
  'random-700': '#d55e00',
}
const seeds = [1, 2, 3]

const found = new Map<string, Result[]>()
for (const task of Object.keys(tasks))
  for (const arm of Object.keys(arms)) {
    const results = await Promise.all(seeds.map((seed) => readResult(task, arm, seed)))
    found.set(
      `${task} ${arm}`,
      results.flatMap((result) => result ?? []),
    )
  }
const of = (task: string, arm: string) => found.get(`${task} ${arm}`)!

for (const [file, title, isGame] of [
  ['mujoco.svg', 'Pendulum and MuJoCo from comparisons of clips', false],
  ['minatar.svg', 'MinAtar’s games from comparisons of clips', true],
] as const) {
  const panels = Object.keys(tasks)
    .filter((task) => (tasks[task]!.game !== undefined) === isGame)
    .map(panelOf)
    .filter(({ lines }) => lines.length > 0)
  if (panels.length === 0) continue
  const y = isGame ? 'mean score of a game' : 'mean true return of an episode'
  const labels = { title, x: 'steps of the agent', y }
  await writeFile(new URL(file, import.meta.url), chart(panels, labels))
}
const byLabels = { title: 'Return at the end, by number of labels', x: 'labels', y: 'mean of 20 episodes' }
await writeFile(
  new URL('labels.svg', import.meta.url),
  chart(Object.keys(tasks).filter(hasLabels).map(labelPanelOf), byLabels),
)
console.log(table())

function panelOf(task: string): Panel {
  const lines = Object.entries(arms).flatMap(([name, arm]) => {
    const results = of(task, name)
    if (results.length === 0) return []
    const curves = results.map(({ curve }) => curve.map(([steps, , value]) => [steps, value] as const))
    return [{ name: arm.title, colour: colours[name]!, dashed: arm.selection === 'random', seeds: curves }]
  })
  return { title: tasks[task]!.title, lines }
}

function hasLabels(task: string): boolean {
  return of(task, 'labels-1400').length > 0
}

/** Ends against labels; what has one number of labels, or none, is a dash there, or a line across. */
function labelPanelOf(task: string): Panel {
  const asked = ['labels-350', 'labels-700', 'labels-1400']
  const seedsOf = (names: readonly string[], at: (labels: number) => readonly number[]) =>
    seeds.map((seed) =>
      names.flatMap((name) =>
        of(task, name)
          .filter((result) => result.seed === seed)
          .flatMap(({ evaluation }) => at(arms[name]!.labels).map((x) => [x, evaluation] as const)),
      ),
    )
  const lines = [
    { arm: 'true-reward', name: 'true reward', seeds: seedsOf(['true-reward'], () => [0, 1400]) },
    { arm: 'labels-700', name: 'labels by disagreement', seeds: seedsOf(asked, (x) => [x]) },
    { arm: 'random-700', name: 'at random', seeds: seedsOf(['random-700'], (x) => [x - 60, x + 60]) },
  ]
  return {
    title: tasks[task]!.title,
    lines: lines
      .filter(({ seeds: curves }) => curves.some((curve) => curve.length > 0))
      .map(({ arm, ...line }) => ({ ...line, colour: colours[arm]! })),
  }
}

/** Mean return at the end with every seed behind it, and labels per step of the agent. */
function table(): string {
  const names = Object.keys(arms)
  const rows = Object.keys(tasks).flatMap((task) => {
    const cells = names.map((arm) => endOf(of(task, arm)))
    if (cells.every((cell) => cell === '')) return []
    const most = of(task, 'labels-1400')[0] ?? of(task, 'labels-700')[0]
    const share = most
      ? `${(100 * most.labelShare).toFixed(2)} % (${(100 * most.shownShare).toFixed(0)} %)`
      : ''
    return [`| ${[tasks[task]!.title, ...cells, share].join(' | ')} |`]
  })
  const heads = ['task', ...names.map((arm) => arms[arm]!.title), 'most labels a step (steps shown)']
  return [`| ${heads.join(' | ')} |`, `| ---${' | --:'.repeat(heads.length - 1)} |`, ...rows].join('\n')
}

function endOf(results: readonly Result[]): string {
  if (results.length === 0) return ''
  const ends = results.map(({ evaluation }) => evaluation)
  return `${digits(meanOf(ends))} (${ends.map(digits).join(', ')})`
}

function digits(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 100 ? 1 : 0))).replace('-', '−')
}
