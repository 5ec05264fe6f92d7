/**
 * PPO on the environments' own rewards, one recipe and seed after another; what has a result is not run again, what was begun goes on.
 *   usage: node --import tsx reproductions/control-ppo/run.ts [--task cartpole …] [--seed 1 …] [--again]
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { attune, metricsOf, root } from '../shared/attune.ts'
import { readSeeds, rounded, writeSeed } from '../shared/seeds.ts'
import { type Result, type SeedResults, tasks } from './tasks.ts'

const { values } = parseArgs({
  options: {
    task: { type: 'string', multiple: true },
    seed: { type: 'string', multiple: true },
    again: { type: 'boolean' },
  },
})
for (const task of values.task ?? Object.keys(tasks))
  for (const seed of (values.seed ?? ['1', '2', '3']).map(Number)) {
    const known = resultsOf(seed)[task]
    if (known && !values.again) {
      console.log(`${task}, seed ${seed}: ${known.mean} (results/seed-${seed}.json)`)
      continue
    }
    record(seed, task, resultOf(train(task, seed)))
  }

/** Runs `attune control train`, or goes on with what was begun; returns the run's folder. */
function train(task: string, seed: number): string {
  const name = `control-${task}-seed-${seed}`
  const folder = join(root, 'runs', name)
  if (!existsSync(join(folder, 'evaluation.json'))) {
    const settings = ['--seed', String(seed), '--set', `name=${name}`, '--resume']
    attune('control', 'train', `recipes/control-${task}.yaml`, ...settings)
  }
  return folder
}

function resultOf(folder: string): Result {
  const { mean, returns } = JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8'))
  const log = metricsOf(folder)
  const played = log.filter((row) => row['rollout/ep_rew_mean'] !== undefined)
  const every = Math.max(1, Math.floor(played.length / 50))
  const total = (name: string) => log.reduce((sum, row) => sum + row[name]!, 0)
  const steps = log.at(-1)!['time/total_timesteps']!
  const seconds = total('time/seconds_sampling') + total('time/seconds_learning')
  return {
    mean: rounded(mean, 1),
    returns: returns.map((value: number) => rounded(value, 1)),
    steps,
    seconds: Math.round(seconds),
    stepsPerSecond: Math.round(steps / seconds),
    curve: played
      .filter((_, i) => i % every === 0 || i === played.length - 1)
      .map((row) => [row['time/total_timesteps']!, rounded(row['rollout/ep_rew_mean']!, 1)] as const),
  }
}

function resultsOf(seed: number): SeedResults['tasks'] {
  return readSeeds<SeedResults>(import.meta.url).find((results) => results.seed === seed)?.tasks ?? {}
}

function record(seed: number, task: string, result: Result): void {
  const lines = Object.entries({ ...resultsOf(seed), [task]: result }).map(
    ([name, value]) => `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  writeSeed(import.meta.url, seed, `{"seed": ${seed}, "tasks": {\n${lines.join(',\n')}\n}}\n`)
}
