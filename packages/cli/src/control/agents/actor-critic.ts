import {
  a2cNumbers,
  a2cObjectives,
  cloneBehaviour,
  type Policy,
  type PpoOptions,
  type PpoRun,
  ppoLearner,
  rewardScaler,
  runningMoments,
  spaceSize,
  squaredValueLoss,
} from '@attune/control'
import { adamw, constantRate, cpu, linearRate } from '@attune/grad'
import { clippedSurrogate, clippedValueLoss } from '@attune/rlhf'
import { networkOf } from '../policy.ts'
import type { Cloning } from '../preference-recipe.ts'
import { type A2cRecipe, iterationsOf, type PpoRecipe } from '../recipe.ts'
import type { Agent, AgentParts } from './agent.ts'
import { type PpoState, readPpo, writePpo } from './checkpoint.ts'

/** The agent of PPO and of A2C. */
export function actorCriticAgent(
  recipe: (PpoRecipe | A2cRecipe) & { readonly demonstrations?: Cloning | undefined },
  { environments, naming, shown }: AgentParts,
): Agent {
  const { demonstrations: cloning, seed } = recipe
  const policy = policyOf(recipe, environments)
  const run = {
    policy,
    environments,
    ...(recipe.normalise_rewards && { rewardScaler: rewardScaler(recipe.environments, recipe.gamma) }),
    ...objectivesOf(recipe),
  } satisfies PpoRun & PpoState
  let observations: Float32Array | undefined
  return {
    environments,
    save: (folder) => writePpo(folder, run),
    restore: async (folder) => {
      observations = await readPpo(folder, run)
    },
    imitate: async () => {
      if (!cloning || !shown) return
      // an optimiser of its own: the policy's rate falls with its updates
      const cloned = { ...policy, optimizer: adamw({ learningRate: recipe.learning_rate }) }
      const options = { seed, updates: cloning.updates, batchSize: cloning.batch_size }
      for await (const _ of cloneBehaviour(cloned, shown.transitions, options));
    },
    learner: (start) =>
      ppoLearner({ ...run, ...(observations && { observations }) }, { ...optionsOf(recipe), start }, naming),
    policy: () => policy,
    taskReward: ({ rewards }) => rewards,
  }
}

function policyOf(recipe: PpoRecipe | A2cRecipe, environments: AgentParts['environments']): Policy {
  const network = networkOf(recipe.network, environments)
  const { epochs, minibatches } = recipe.learner === 'a2c' ? a2cNumbers : recipe
  const steps = iterationsOf(recipe) * epochs * minibatches
  const { learning_rate: rate } = recipe
  return {
    network,
    parameters: network.initial(recipe.seed),
    optimizer: adamw({
      learningRate: recipe.schedule === 'linear' ? linearRate({ from: rate, steps }) : constantRate(rate),
      epsilon: recipe.adam_epsilon,
      maxGradientNorm: recipe.max_grad_norm,
    }),
    ...(recipe.normalise_observations && {
      observations: runningMoments(spaceSize(environments.observationSpace)),
    }),
  }
}

function objectivesOf(recipe: PpoRecipe | A2cRecipe): Pick<PpoRun, 'surrogate' | 'valueObjective'> {
  if (recipe.learner === 'a2c') return a2cObjectives
  const { value_clip_range: bound } = recipe
  return {
    surrogate: clippedSurrogate(recipe.clip_range),
    valueObjective: bound === null ? squaredValueLoss : (batch) => clippedValueLoss(batch, bound),
  }
}

function optionsOf(recipe: PpoRecipe | A2cRecipe): PpoOptions {
  return {
    seed: recipe.seed,
    iterations: iterationsOf(recipe),
    steps: recipe.steps,
    gamma: recipe.gamma,
    lambda: recipe.lambda,
    entropyCoefficient: recipe.entropy_coefficient,
    valueCoefficient: recipe.value_coefficient,
    device: cpu({ threads: recipe.threads }),
    ...(recipe.learner === 'a2c'
      ? a2cNumbers
      : {
          epochs: recipe.epochs,
          minibatches: recipe.minibatches,
          ...(recipe.target_kl !== null && { targetKl: recipe.target_kl }),
        }),
  }
}
