/**
 * Breakout from labels, from demonstrations, and from both, by the recipe control-breakout-demonstrations; what was run is not run again:
 * node --import tsx reproductions/demonstrations/run.ts [seed …]
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'

/** One arm of a seed. */
export interface Outcome {
  readonly name: string
  /** Mean points of 20 games with the likeliest actions. */
  readonly evaluation: number
  /** Answers that were learnt from; those that demonstrations gave are among them. */
  readonly labels: number
  /** Steps, and mean points of the games that ended meanwhile, actions drawn. */
  readonly curve: readonly (readonly [number, number])[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const runs = join(root, 'runs')
const recipe = join(root, 'recipes/control-breakout-demonstrations.yaml')
const demonstrator = join(runs, 'control-breakout-dqn')

/** Without a label that is learnt from: an iteration in which the agent has only imitated, and acts. */
const imitation = ['--set', 'total_steps=2000', '--set', 'labels=1']
const arms: Readonly<Record<string, { readonly recipe: string; readonly more: readonly string[] }>> = {
  'demonstrations and 350 labels': { recipe, more: [] },
  '350 labels': { recipe: withoutDemonstrations(), more: [] },
  demonstrations: { recipe, more: imitation },
}

if (!existsSync(join(demonstrator, 'evaluation.json')))
  attune('train', join(root, 'recipes/control-breakout-dqn.yaml'), ['--resume'])
const { mean: shown } = JSON.parse(readFileSync(join(demonstrator, 'evaluation.json'), 'utf8'))
for (const seed of process.argv.length > 2 ? process.argv.slice(2) : ['1', '2', '3']) {
  const outcomes: Outcome[] = []
  for (const [i, [name, arm]] of Object.entries(arms).entries()) {
    const run = `demonstrations-${i}-seed-${seed}`
    const set = ['--seed', seed, '--set', `name=${run}`, '--resume', ...arm.more]
    if (!existsSync(join(runs, run, 'evaluation.json'))) attune('preferences', arm.recipe, set)
    outcomes.push(outcomeOf(name, join(runs, run)))
    console.log(`seed ${seed}, ${name}: ${outcomes.at(-1)!.evaluation}`)
  }
  mkdirSync(new URL('results/', import.meta.url), { recursive: true })
  const lines = outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`).join(',\n')
  writeFileSync(
    new URL(`results/seed-${seed}.json`, import.meta.url),
    `{"demonstrator": ${shown}, "outcomes": [\n${lines}\n]}\n`,
  )
}

function attune(command: string, recipePath: string, more: readonly string[]): void {
  const path = join(root, 'packages/cli/bin/attune.js')
  const words = [path, 'control', command, recipePath, '--runs', runs, ...more]
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit', cwd: root })
  if (status !== 0) throw new Error(`attune control ${command} ${recipePath} ended with ${status}`)
}

function withoutDemonstrations(): string {
  const { demonstrations: _, ...rest } = parse(readFileSync(recipe, 'utf8'))
  mkdirSync(runs, { recursive: true })
  const path = join(runs, 'control-breakout-labels.yaml')
  writeFileSync(path, stringify(rest))
  return path
}

function outcomeOf(name: string, folder: string): Outcome {
  const { mean } = JSON.parse(readFileSync(join(folder, 'evaluation.json'), 'utf8'))
  const rows = readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
  const curve = rows.flatMap((row): [number, number][] => {
    const points = row['rollout/ep_rew_mean']
    return points === undefined ? [] : [[row['time/total_timesteps']!, Math.round(points * 100) / 100]]
  })
  return { name, evaluation: mean, labels: rows.at(-1)!['labels/given']!, curve }
}
