import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { evaluate, type PlayedPolicy, vectorise } from '@attune/control'
import { fileError, writeFileAtomic } from '@attune/lm'
import { stringify } from 'yaml'
import { UserError } from '../errors.ts'
import { Interrupted } from '../run/context.ts'
import { appendRow, truncateLog } from '../run/jsonl.ts'
import { lockRun } from '../run/lock.ts'
import { setRunAside } from '../run/set-aside.ts'
import { progress } from '../view/progress.ts'
import type { Agent } from './agents/agent.ts'
import { newestCheckpoint, saveControl } from './agents/checkpoint.ts'
import { makeAgent } from './agents/make.ts'
import { makersOf, savePolicy } from './policy.ts'
import { type ControlRecipe, iterationsOf } from './recipe.ts'
import { checkSameRecipe } from './same-recipe.ts'
import { checkNothingOfPeople } from './start-anew.ts'

/** Where and how to run. */
export interface ControlRunOptions {
  readonly runs: string
  readonly resume: boolean
  readonly signal: AbortSignal
}

/** Trains a policy on its environment's own reward and evaluates it; returns the run's folder. */
export async function trainControl(recipe: ControlRecipe, options: ControlRunOptions): Promise<string> {
  const folder = join(options.runs, recipe.name)
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const release = await lockRun(folder)
  try {
    await (options.resume ? checkSameRecipe(folder, recipe) : checkNothingOfPeople(folder))
    const agent = await makeAgent(recipe)
    try {
      if (!options.resume) await setRunAside(folder)
      await mkdir(join(folder, 'checkpoints'), { recursive: true })
      await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify(recipe)])
      await follow(recipe, agent, { ...options, folder })
      await finish(recipe, agent.policy(), folder)
    } finally {
      await agent.environments.close()
    }
    return folder
  } finally {
    await release()
  }
}

/** Follows the learner: logs every iteration, saves checkpoints, stops when asked. */
async function follow(
  recipe: ControlRecipe,
  agent: Agent,
  { folder, resume, signal }: ControlRunOptions & { readonly folder: string },
): Promise<void> {
  const checkpoints = join(folder, 'checkpoints')
  const newest = resume ? await newestCheckpoint(checkpoints) : undefined
  if (newest) await agent.restore(newest.path)
  const start = newest?.step ?? 0
  const log = join(folder, 'metrics.jsonl')
  await truncateLog(log, start)
  const iterations = iterationsOf(recipe)
  const watch = ['rollout/ep_rew_mean', 'train/approx_kl', 'train/explained_variance', 'time/fps']
  const view = progress(recipe.environment, { steps: iterations, start, watch })
  const began = performance.now()
  const learner = agent.learner(start)
  let last: Readonly<Record<string, number>> = {}
  try {
    for (let step = start + 1; step <= iterations; step++) {
      const { metrics } = (await learner.learn(agent.taskReward))!
      last = metrics
      await appendRow(log, { step, ...metrics, seconds: round((performance.now() - began) / 1000) })
      view.update(step, metrics)
      const stopping = signal.aborted && step < iterations
      if (stopping || step % recipe.save_iterations === 0 || step === iterations)
        await saveControl(checkpoints, step, [agent])
      if (stopping)
        throw new Interrupted(`stopped after iteration ${step} of ${recipe.name}; go on with --resume`)
    }
  } finally {
    await learner.close()
  }
  view.done(
    last['rollout/ep_rew_mean'] === undefined ? '' : `return ${last['rollout/ep_rew_mean'].toPrecision(4)}`,
  )
}

/** Saves the policy and the returns of episodes with its likeliest actions. */
export async function finish(recipe: ControlRecipe, policy: PlayedPolicy, folder: string): Promise<void> {
  await mkdir(join(folder, 'policy'), { recursive: true })
  await savePolicy(join(folder, 'policy'), policy, recipe)
  const environments = await vectorise(makersOf(recipe, sideBySide(recipe.evaluation_episodes)))
  try {
    const { returns, lengths } = await evaluate(policy, environments, {
      episodes: recipe.evaluation_episodes,
      seed: recipe.seed + 1_000_000,
    })
    const mean = returns.reduce((a, b) => a + b, 0) / returns.length
    if (!Number.isFinite(mean)) throw new UserError(`${recipe.name}: the evaluation's mean return is ${mean}`)
    await writeFileAtomic(join(folder, 'evaluation.json'), [JSON.stringify({ mean, returns, lengths })])
    process.stderr.write(`return ${round(mean)} over ${returns.length} episodes: ${folder}/evaluation.json\n`)
  } finally {
    await environments.close()
  }
}

/** As many environments, up to ten, as play so many episodes between them evenly. */
function sideBySide(episodes: number): number {
  return [10, 9, 8, 7, 6, 5, 4, 3, 2].find((count) => episodes % count === 0) ?? 1
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
