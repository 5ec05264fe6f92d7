/**
 * Breakout from labels, from demonstrations, and from both, by the recipe control-breakout-demonstrations; what has a result is not run again:
 * node --import tsx reproductions/demonstrations/run.ts [seed …]
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { attune, metricsOf, root } from '../shared/attune.ts'
import { missingSeeds, rounded, writeSeed } from '../shared/seeds.ts'

/** One arm of a seed. */
export interface Outcome {
  readonly name: string
  /** Mean points of 20 games with the likeliest actions. */
  readonly evaluation: number
  /** Answers at hand at the end, with those that demonstrations gave; the arm that only imitates learns from none. */
  readonly labels: number
  /** Steps, and mean points of the games that ended meanwhile, actions drawn. */
  readonly curve: readonly (readonly [number, number])[]
}

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

for (const seed of missingSeeds(import.meta.url)) {
  if (!existsSync(join(demonstrator, 'evaluation.json')))
    attune('control', 'train', 'recipes/control-breakout-dqn.yaml', '--resume')
  const outcomes: Outcome[] = []
  for (const [i, [name, arm]] of Object.entries(arms).entries()) {
    const run = `demonstrations-${i}-seed-${seed}`
    const settings = ['--seed', String(seed), '--set', `name=${run}`, '--resume', ...arm.more]
    if (!existsSync(join(runs, run, 'evaluation.json')))
      attune('control', 'preferences', arm.recipe, ...settings)
    outcomes.push(outcomeOf(name, join(runs, run)))
    console.log(`seed ${seed}, ${name}: ${outcomes.at(-1)!.evaluation}`)
  }
  const { mean: shown } = JSON.parse(readFileSync(join(demonstrator, 'evaluation.json'), 'utf8'))
  const lines = outcomes.map((outcome) => `  ${JSON.stringify(outcome)}`).join(',\n')
  writeSeed(import.meta.url, seed, `{"demonstrator": ${shown}, "outcomes": [\n${lines}\n]}\n`)
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
  const rows = metricsOf(folder)
  const curve = rows.flatMap((row): [number, number][] => {
    const points = row['rollout/ep_rew_mean']
    return points === undefined ? [] : [[row['time/total_timesteps']!, rounded(points, 2)]]
  })
  return { name, evaluation: mean, labels: rows.at(-1)!['labels/given']!, curve }
}
