import {
  type PlayedPolicy,
  type Policy,
  type PolicyLearner,
  type PpoOptions,
  type PpoRun,
  ppoLearner,
  type RolloutReward,
  rewardScaler,
  runningMoments,
  type SacOptions,
  sacActor,
  sacLearner,
  spaceSize,
  squaredValueLoss,
  type VectorEnvironment,
  vectorise,
  vectoriseInWorkers,
} from '@attune/control'
import { adamw, constantRate, cpu, linearRate } from '@attune/grad'
import { clippedSurrogate, clippedValueLoss } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { type PpoState, readPpo, readSac, type Saved, writePpo, writeSac } from './checkpoint.ts'
import { makersOf, networkOf } from './policy.ts'
import { type ControlRecipe, iterationsOf, type PpoRecipe, type SacRecipe } from './recipe.ts'

/** A learner that a recipe names, with its environments and what checkpoints of it hold. */
export interface Agent extends Saved {
  readonly environments: VectorEnvironment
  /** Takes a checkpoint back; before `learner`. */
  readonly restore: (folder: string) => Promise<void>
  /** Begins after `start` iterations. */
  readonly learner: (start: number) => PolicyLearner
  /** The policy as it is now, for playing. */
  readonly policy: () => PlayedPolicy
  /** What the policy learns from when it learns from the task's own rewards. */
  readonly taskReward: RolloutReward
}

/** How an agent's rollouts are named; `replay` keeps what is needed to draw clips for people. */
export interface Naming {
  readonly source: string
  readonly replay: boolean
}

/** Environments and learner that a recipe describes, before any training. */
export async function makeAgent(
  recipe: ControlRecipe,
  naming: Naming = { source: `seed${recipe.seed}`, replay: false },
): Promise<Agent> {
  const environments = await environmentsOf(recipe)
  return recipe.learner === 'sac'
    ? sacAgent(recipe, environments, naming)
    : ppoAgent(recipe, environments, naming)
}

function environmentsOf(recipe: ControlRecipe): Promise<VectorEnvironment> {
  const { environment, environments: count, workers, max_steps: maxSteps, seed } = recipe
  return workers > 0
    ? vectoriseInWorkers(environment, { count, workers, seed, maxSteps })
    : vectorise(makersOf(recipe, count), { seed })
}

function ppoAgent(recipe: PpoRecipe, environments: VectorEnvironment, naming: Naming): Agent {
  const run = ppoRun(recipe, environments)
  let observations: Float32Array | undefined
  return {
    environments,
    save: (folder) => writePpo(folder, run),
    restore: async (folder) => {
      observations = await readPpo(folder, run)
    },
    learner: (start) =>
      ppoLearner({ ...run, ...(observations && { observations }) }, { ...ppoOptions(recipe), start }, naming),
    policy: () => run.policy,
    taskReward: ({ rewards }) => rewards,
  }
}

function sacAgent(recipe: SacRecipe, environments: VectorEnvironment, naming: Naming): Agent {
  if (environments.actionSpace.kind !== 'box')
    throw new UserError(
      `${recipe.name}: learner is sac, but ${recipe.environment} chooses between ${environments.actionSpace.n} actions: sac needs numbers as actions, use learner: ppo`,
    )
  const learner = sacLearner(environments, sacOptions(recipe), naming)
  const network = sacActor(environments, recipe.network)
  return {
    environments,
    save: (folder) => writeSac(folder, { learner, environments }),
    restore: (folder) => readSac(folder, { learner, environments }),
    learner: () => learner,
    policy: () => ({ network, parameters: learner.actor }),
    taskReward: ({ rewards }) => rewards.map((reward) => reward * recipe.reward_scale),
  }
}

/** Policy, statistics and objectives of PPO. */
export function ppoRun(recipe: PpoRecipe, environments: VectorEnvironment): PpoRun & PpoState {
  const network = networkOf(recipe.network, environments)
  const updates = iterationsOf(recipe) * recipe.epochs * recipe.minibatches
  const { learning_rate: rate } = recipe
  const policy: Policy = {
    network,
    parameters: network.initial(recipe.seed),
    optimizer: adamw({
      learningRate:
        recipe.schedule === 'linear' ? linearRate({ from: rate, steps: updates }) : constantRate(rate),
      epsilon: recipe.adam_epsilon,
      maxGradientNorm: recipe.max_grad_norm,
    }),
    ...(recipe.normalise_observations && {
      observations: runningMoments(spaceSize(environments.observationSpace)),
    }),
  }
  const { value_clip_range: bound } = recipe
  return {
    policy,
    environments,
    ...(recipe.normalise_rewards && { rewardScaler: rewardScaler(recipe.environments, recipe.gamma) }),
    surrogate: clippedSurrogate(recipe.clip_range),
    valueObjective: bound === null ? squaredValueLoss : (batch) => clippedValueLoss(batch, bound),
  }
}

function ppoOptions(recipe: PpoRecipe): PpoOptions {
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
    ...(recipe.target_kl !== null && { targetKl: recipe.target_kl }),
    device: cpu({ threads: recipe.threads }),
  }
}

function sacOptions(recipe: SacRecipe): SacOptions {
  return {
    seed: recipe.seed,
    iterations: iterationsOf(recipe),
    steps: recipe.steps,
    randomSteps: recipe.random_steps,
    batchSize: recipe.batch_size,
    updatesPerStep: recipe.updates_per_step,
    learningRate: recipe.learning_rate,
    gamma: recipe.gamma,
    tau: recipe.tau,
    hidden: recipe.network.hidden,
  }
}
