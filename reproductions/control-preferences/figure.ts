/**
 * Figures and table of all results: node --conditions=source --import tsx reproductions/control-preferences/figure.ts
 * Writes mujoco.svg and minatar.svg, and prints the table of README.md.
 */
import { writeFile } from 'node:fs/promises'
import { type Panel, panelsSvg } from '../panels.ts'
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
  await writeFile(new URL(file, import.meta.url), panelsSvg(panels, labels))
}
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

/** Mean return at the end with every seed behind it, labels per step of the agent, and processor seconds of a run. */
function table(): string {
  const names = Object.keys(arms)
  const rows = Object.keys(tasks).flatMap((task) => {
    const cells = names.map((arm) => endOf(of(task, arm)))
    if (cells.every((cell) => cell === '')) return []
    const most = of(task, 'labels-1400')[0] ?? of(task, 'labels-700')[0]
    const share = most
      ? `${(100 * most.labelShare).toFixed(2)} % (${(100 * most.shownShare).toFixed(0)} %)`
      : ''
    const times = names.flatMap((arm) => of(task, arm).map(({ processorSeconds }) => processorSeconds))
    return [`| ${[tasks[task]!.title, ...cells, share, `${Math.round(Math.max(...times))} s`].join(' | ')} |`]
  })
  const heads = [
    'task',
    ...names.map((arm) => arms[arm]!.title),
    'most labels a step (steps shown)',
    'longest run, processor',
  ]
  return [`| ${heads.join(' | ')} |`, `| ---${' | --:'.repeat(heads.length - 1)} |`, ...rows].join('\n')
}

function endOf(results: readonly Result[]): string {
  if (results.length === 0) return ''
  const ends = results.map(({ evaluation }) => evaluation)
  const mean = ends.reduce((a, b) => a + b, 0) / ends.length
  return `${digits(mean)} (${ends.map(digits).join(', ')})`
}

function digits(value: number): string {
  return String(Number(value.toFixed(Math.abs(value) < 100 ? 1 : 0)))
}
