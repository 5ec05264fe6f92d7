/**
 * PPO on the environments' own rewards, one recipe and seed after another; what has a result is not run again, what was begun goes on.
 *   usage: node --import tsx reproductions/control-ppo/run.ts [--task cartpole …] [--seed 1 …] [--runs folder] [--again]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { curvesSvg } from './figure.ts'
import { type Result, readResults, type SeedResults } from './results.ts'

const tasks = [
  'cartpole',
  'pendulum',
  'inverted-pendulum',
  'hopper',
  'half-cheetah',
  'walker2d',
  'ant',
  'swimmer',
  'reacher',
]
const root = fileURLToPath(new URL('../..', import.meta.url))
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

const { values } = parseArgs({
  options: {
    task: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true },
    runs: { type: 'string', default: 'runs' },
    again: { type: 'boolean' },
  },
})
for (const task of values.task ?? tasks)
  for (const seed of values.seed ?? ['1', '2', '3']) {
    const known = readResults().find((results) => results.seed === Number(seed))?.tasks[task]
    if (known && !values.again) {
      console.log(`${task}, seed ${seed}: ${known.mean} (results/seed-${seed}.json)`)
      continue
    }
    const folder = train(task, seed)
    record(Number(seed), task, resultOf(folder))
    writeFileSync(here('curves.svg'), curvesSvg(readResults()))
  }

/** Runs `attune control train`, or goes on with what was begun; returns the run's folder. */
function train(task: string, seed: string): string {
  const name = `control-${task}-seed-${seed}`
  const folder = join(values.runs, name)
  if (existsSync(join(folder, 'evaluation.json'))) return folder
  const command = [
    join(root, 'packages/cli/bin/attune.js'),
    'control',
    'train',
    join(root, `recipes/control-${task}.yaml`),
    '--seed',
    seed,
    '--set',
    `name=${name}`,
    '--runs',
    values.runs,
    '--resume',
  ]
  const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}`)
  return folder
}

function resultOf(folder: string): Result {
  const { mean, returns } = JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8'))
  const log = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
  const played = log.filter((row) => row['rollout/ep_rew_mean'] !== undefined)
  const every = Math.max(1, Math.floor(played.length / 50))
  const total = (name: string) => log.reduce((sum, row) => sum + row[name]!, 0)
  const steps = log.at(-1)!['time/total_timesteps']!
  const [sampling, learning] = [total('time/seconds_sampling'), total('time/seconds_learning')]
  return {
    mean: round(mean),
    returns: returns.map(round),
    steps,
    seconds: Math.round(sampling + learning),
    stepsPerSecond: Math.round(steps / (sampling + learning)),
    curve: played
      .filter((_, i) => i % every === 0 || i === played.length - 1)
      .map((row) => [row['time/total_timesteps']!, round(row['rollout/ep_rew_mean']!)] as const),
  }
}

function record(seed: number, task: string, result: Result): void {
  mkdirSync(here('results'), { recursive: true })
  const path = here(`results/seed-${seed}.json`)
  const known = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as SeedResults)
    : { seed, tasks: {} }
  const lines = Object.entries({ ...known.tasks, [task]: result }).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  writeFileSync(path, `{"seed": ${seed}, "tasks": {\n${lines.join(',\n')}\n}}\n`)
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
