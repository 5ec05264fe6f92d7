import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  evaluate,
  type Policy,
  type PpoOptions,
  type PpoRun,
  ppo,
  rewardScaler,
  runningMoments,
  spaceSize,
  squaredValueLoss,
  type VectorEnvironment,
  vectorise,
  vectoriseInWorkers,
} from '@attune/control'
import { adamw, constantRate, cpu, linearRate } from '@attune/grad'
import { fileError, writeFileAtomic } from '@attune/lm'
import { clippedSurrogate, clippedValueLoss } from '@attune/rlhf'
import { stringify } from 'yaml'
import { UserError } from '../errors.ts'
import { Interrupted } from '../run/context.ts'
import { appendRow, truncateLog } from '../run/jsonl.ts'
import { lockRun } from '../run/lock.ts'
import { progress } from '../view/progress.ts'
import { type ControlState, restoreControl, saveControl } from './checkpoint.ts'
import { makersOf, networkOf, savePolicy } from './policy.ts'
import type { ControlRecipe } from './recipe.ts'

/** Where and how to run. */
export interface ControlRunOptions {
  readonly runs: string
  readonly resume: boolean
  readonly signal: AbortSignal
}

/** Trains a policy with PPO on its environment's own reward and evaluates it; returns the run's folder. */
export async function trainControl(recipe: ControlRecipe, options: ControlRunOptions): Promise<string> {
  const folder = join(options.runs, recipe.name)
  if (!options.resume) await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'checkpoints'), { recursive: true }).catch((cause) => {
    throw fileError(folder, cause)
  })
  const release = await lockRun(folder)
  const run = await controlRun(recipe)
  try {
    await writeFileAtomic(join(folder, 'recipe.yaml'), [stringify(recipe)])
    await follow(recipe, run, { ...options, folder })
    await finish(recipe, run.policy, folder)
    return folder
  } finally {
    await run.environments.close()
    await release()
  }
}

/** Environments, policy and statistics that a recipe describes. */
export async function controlRun(recipe: ControlRecipe): Promise<PpoRun & ControlState> {
  const environments = await environmentsOf(recipe)
  const network = networkOf(recipe.network, environments)
  const updates = iterationsOf(recipe) * recipe.epochs * recipe.minibatches
  const { learning_rate: rate } = recipe
  const optimizer = adamw({
    learningRate:
      recipe.schedule === 'linear' ? linearRate({ from: rate, steps: updates }) : constantRate(rate),
    epsilon: recipe.adam_epsilon,
    maxGradientNorm: recipe.max_grad_norm,
  })
  const policy: Policy = {
    network,
    parameters: network.initial(recipe.seed),
    optimizer,
    observations: recipe.normalise_observations
      ? runningMoments(spaceSize(environments.observationSpace))
      : undefined,
  }
  const { value_clip_range: bound } = recipe
  return {
    policy,
    environments,
    rewardScaler: recipe.normalise_rewards ? rewardScaler(recipe.environments, recipe.gamma) : undefined,
    surrogate: clippedSurrogate(recipe.clip_range),
    valueObjective: bound === null ? squaredValueLoss : (batch) => clippedValueLoss(batch, bound),
  }
}

function environmentsOf(recipe: ControlRecipe): Promise<VectorEnvironment> {
  const { environment, environments: count, workers, max_steps: maxSteps, seed } = recipe
  return workers > 0
    ? vectoriseInWorkers(environment, { count, workers, seed, maxSteps })
    : vectorise(makersOf(recipe, count), { seed })
}

/** PPO's options from a recipe. */
export function ppoOptions(recipe: ControlRecipe): PpoOptions {
  return {
    seed: recipe.seed,
    iterations: iterationsOf(recipe),
    steps: recipe.steps,
    epochs: recipe.epochs,
    minibatches: recipe.minibatches,
    gamma: recipe.gamma,
    lambda: recipe.lambda,
    entropyCoefficient: recipe.entropy_coefficient,
    valueCoefficient: recipe.value_coefficient,
    targetKl: recipe.target_kl ?? undefined,
    device: cpu({ threads: recipe.threads }),
  }
}

function iterationsOf({ total_steps, steps, environments }: ControlRecipe): number {
  return Math.floor(total_steps / (steps * environments))
}

/** Follows the trainer: logs every iteration, saves checkpoints, stops when asked. */
async function follow(
  recipe: ControlRecipe,
  run: PpoRun & ControlState,
  { folder, resume, signal }: ControlRunOptions & { readonly folder: string },
): Promise<void> {
  const checkpoints = join(folder, 'checkpoints')
  const restored = resume ? await restoreControl(checkpoints, run) : undefined
  const start = restored?.step ?? 0
  const log = join(folder, 'metrics.jsonl')
  await truncateLog(log, start)
  const options = ppoOptions(recipe)
  const watch = ['rollout/ep_rew_mean', 'train/approx_kl', 'train/explained_variance', 'time/fps']
  const view = progress(recipe.environment, { steps: options.iterations, start, watch })
  const began = performance.now()
  let last: Readonly<Record<string, number>> = {}
  for await (const { step, metrics } of ppo(
    { ...run, observations: restored?.observations },
    { ...options, start },
  )) {
    last = metrics
    await appendRow(log, { step, ...metrics, seconds: round((performance.now() - began) / 1000) })
    view.update(step, metrics)
    const stopping = signal.aborted && step < options.iterations
    if (stopping || step % recipe.save_iterations === 0 || step === options.iterations)
      await saveControl(checkpoints, step, run)
    if (stopping)
      throw new Interrupted(`stopped after iteration ${step} of ${recipe.name}; go on with --resume`)
  }
  view.done(
    last['rollout/ep_rew_mean'] === undefined ? '' : `return ${last['rollout/ep_rew_mean'].toPrecision(4)}`,
  )
}

/** Saves the policy and the returns of episodes with its likeliest actions. */
export async function finish(recipe: ControlRecipe, policy: Policy, folder: string): Promise<void> {
  await mkdir(join(folder, 'policy'), { recursive: true })
  await savePolicy(join(folder, 'policy'), policy, recipe)
  const count = Math.min(recipe.evaluation_episodes, 10)
  const environments = await vectorise(makersOf(recipe, count))
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

function round(value: number): number {
  return Math.round(value * 100) / 100
}
