import { dqnLearner, type ReplayLearnerOptions, sacActor, sacLearner } from '@attune/control'
import { UserError } from '../../errors.ts'
import { networkOf } from '../policy.ts'
import type { Margins } from '../preference-recipe.ts'
import { type DqnRecipe, iterationsOf, type SacRecipe } from '../recipe.ts'
import type { Agent, AgentParts } from './agent.ts'
import { readReplay, writeReplay } from './checkpoint.ts'

/** The agent of soft actor-critic. Throws when the task is a choice between actions. */
export function sacAgent(recipe: SacRecipe, { environments, naming }: AgentParts): Agent {
  if (environments.actionSpace.kind !== 'box')
    throw new UserError(
      `${recipe.name}: learner is sac, but ${recipe.environment} chooses between ${environments.actionSpace.n} actions: sac needs numbers as actions, use learner: ppo or dqn`,
    )
  const { learning_rate: learningRate, gamma, tau } = recipe
  const options = { ...optionsOf(recipe), learningRate, gamma, tau, hidden: recipe.network.hidden }
  const learner = sacLearner(environments, options, naming)
  const network = sacActor(environments, recipe.network)
  return {
    environments,
    save: (folder) => writeReplay(folder, { learner, environments }),
    restore: (folder) => readReplay(folder, { learner, environments }),
    learner: () => learner,
    policy: () => ({ network, parameters: learner.actor }),
    taskReward: ({ rewards }) => rewards.map((reward) => reward * recipe.reward_scale),
  }
}

/** The agent of deep Q-learning. Throws when the task's actions are numbers. */
export function dqnAgent(
  recipe: DqnRecipe & { readonly demonstrations?: Margins | undefined },
  { environments, naming, shown }: AgentParts,
): Agent {
  const { demonstrations: margins } = recipe
  if (environments.actionSpace.kind !== 'discrete')
    throw new UserError(
      `${recipe.name}: learner is dqn, but ${recipe.environment}'s actions are numbers: dqn needs a choice between actions, use learner: ppo or sac`,
    )
  const network = networkOf(recipe.network, environments)
  const options = {
    ...optionsOf(recipe),
    replaySize: recipe.replay_size,
    learningRate: recipe.learning_rate,
    maxGradientNorm: recipe.max_grad_norm,
    gamma: recipe.gamma,
    targetInterval: recipe.target_interval,
    explorationFinal: recipe.exploration_final,
    explorationSteps: recipe.exploration_steps,
  }
  const learner = dqnLearner(environments, network, options, {
    ...naming,
    ...(margins &&
      shown && {
        imitation: {
          demonstrations: shown.transitions,
          updates: margins.updates,
          share: margins.batch_share,
          margin: margins.margin,
          weight: margins.weight,
        },
      }),
  })
  return {
    environments,
    save: (folder) => writeReplay(folder, { learner, environments }),
    restore: (folder) => readReplay(folder, { learner, environments }),
    learner: () => learner,
    policy: () => ({ network, parameters: learner.parameters }),
    taskReward: ({ rewards }) => rewards,
  }
}

function optionsOf(recipe: SacRecipe | DqnRecipe): ReplayLearnerOptions {
  return {
    seed: recipe.seed,
    iterations: iterationsOf(recipe),
    steps: recipe.steps,
    randomSteps: recipe.random_steps,
    batchSize: recipe.batch_size,
    updatesPerStep: recipe.updates_per_step,
  }
}
