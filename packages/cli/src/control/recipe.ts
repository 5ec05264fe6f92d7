import { environmentIds } from '@attune/control'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { count, positive, probability } from '../recipe/fields.ts'
import { parseYaml, recipeText } from '../recipe/load.ts'

const mlp = z.strictObject({ kind: z.literal('mlp'), hidden: z.array(count).min(1).default([64, 64]) })
const convolutional = z.strictObject({
  kind: z.literal('convolutional'),
  filters: count.default(16),
  hidden: count.default(128),
})

/** A network as recipes and saved policies name it. */
export const networkSchema = z.discriminatedUnion('kind', [mlp, convolutional])

/** What every recipe of control says, whatever learns. */
const sharedFields = {
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens'),
  paper: z.string().optional(),
  description: z.string().optional(),
  seed: z.int().min(0).default(0),
  threads: count.default(1),
  environment: z.enum(environmentIds as [string, ...string[]]),
  /** Environments stepped together. */
  environments: count.default(1),
  /** Worker threads that they are spread over; 0 steps them on the main thread. The bits are the same. */
  workers: z.int().min(0).default(0),
  /** Steps until an episode is truncated, when other than the environment's own. */
  max_steps: count.optional(),
  /** Steps in all environments together. */
  total_steps: count,
  gamma: probability.default(0.99),
  learning_rate: positive.default(3e-4),
  /** Iterations between checkpoints. */
  save_iterations: count.default(10),
  /** Episodes played with the likeliest actions after the last iteration. */
  evaluation_episodes: count.default(10),
}

/** What PPO and A2C share: a policy and a critic that learn from rollouts. */
const actorCriticFields = {
  ...sharedFields,
  network: networkSchema.default({ kind: 'mlp', hidden: [64, 64] }),
  schedule: z.enum(['linear', 'constant']).default('linear'),
  adam_epsilon: positive.default(1e-5),
  max_grad_norm: positive.default(0.5),
  value_coefficient: z.number().min(0).default(0.5),
  normalise_observations: z.boolean().default(true),
  normalise_rewards: z.boolean().default(true),
}

/** PPO's numbers under their usual symbols, with CleanRL's defaults for continuous control. */
export const ppoFields = {
  ...actorCriticFields,
  learner: z.literal('ppo').default('ppo'),
  /** Steps of each environment in an iteration. */
  steps: count.default(2048),
  epochs: count.default(10),
  minibatches: count.default(32),
  lambda: probability.default(0.95),
  clip_range: positive.default(0.2),
  /** Clip of the critic's loss; null leaves it out. */
  value_clip_range: positive.nullable().default(0.2),
  entropy_coefficient: z.number().min(0).default(0),
  /** Ends an iteration's epochs early; null leaves it out. */
  target_kl: positive.nullable().default(null),
}

/** The numbers of advantage actor-critic (after Mnih et al. 2016), with Stable-Baselines3's defaults; by Adam. */
export const a2cFields = {
  ...actorCriticFields,
  learner: z.literal('a2c'),
  /** Steps of each environment between two updates. */
  steps: count.default(5),
  lambda: probability.default(1),
  learning_rate: positive.default(7e-4),
  entropy_coefficient: z.number().min(0).default(0.01),
  save_iterations: count.default(1000),
}

/** Soft actor-critic's numbers, with the paper's defaults (Haarnoja et al. 2018). */
export const sacFields = {
  ...sharedFields,
  learner: z.literal('sac'),
  threads: z.literal(1, 'soft actor-critic computes on one thread; leave it out').default(1),
  network: mlp.default({ kind: 'mlp', hidden: [256, 256] }),
  /** Steps of each environment in an iteration: between log lines, and between two changes of a learnt reward. */
  steps: count.default(1000),
  /** Steps with random actions before the first update. */
  random_steps: z.int().min(0).default(1000),
  batch_size: count.default(256),
  updates_per_step: count.default(1),
  /** Share of the critics that their slow copies take over at each update. */
  tau: positive.max(1).default(0.005),
  /** The task's rewards are multiplied by it; rewards learnt from preferences are not. */
  reward_scale: positive.default(1),
}

/** Deep Q-learning's numbers, with MinAtar's defaults (Young and Tian 2019). */
export const dqnFields = {
  ...sharedFields,
  learner: z.literal('dqn'),
  threads: z.literal(1, 'deep Q-learning computes on one thread; leave it out').default(1),
  network: networkSchema.default({ kind: 'mlp', hidden: [64, 64] }),
  /** Steps of each environment in an iteration: between log lines, and between two changes of a learnt reward. */
  steps: count.default(1000),
  /** Steps with random actions before the first update. */
  random_steps: z.int().min(0).default(5000),
  /** Newest steps that are learnt from. */
  replay_size: count.default(100_000),
  batch_size: count.default(32),
  /** Updates after each step of all environments together. */
  updates_per_step: count.default(1),
  /** Updates after which the slow values become the fast ones. */
  target_interval: count.default(1000),
  /** ε of the random actions falls from 1 to `exploration_final` over so many steps in all environments together. */
  exploration_final: probability.default(0.1),
  exploration_steps: count.default(100_000),
  max_grad_norm: positive.default(10),
}

/** A recipe of `attune control train`: PPO, or the learner that it names. */
export const controlRecipeSchema = z.discriminatedUnion('learner', [
  z.strictObject(ppoFields),
  z.strictObject(a2cFields),
  z.strictObject(sacFields),
  z.strictObject(dqnFields),
])

/** A validated recipe. */
export type ControlRecipe = z.output<typeof controlRecipeSchema>

type Learner<Name extends ControlRecipe['learner']> = Extract<ControlRecipe, { learner: Name }>
/** A recipe of PPO. */
export type PpoRecipe = Learner<'ppo'>
/** A recipe of advantage actor-critic. */
export type A2cRecipe = Learner<'a2c'>
/** A recipe of soft actor-critic. */
export type SacRecipe = Learner<'sac'>
/** A recipe of deep Q-learning. */
export type DqnRecipe = Learner<'dqn'>

/** Iterations that a recipe's steps make. */
export function iterationsOf({
  total_steps,
  steps,
  environments,
}: Pick<ControlRecipe, 'total_steps' | 'steps' | 'environments'>): number {
  return Math.floor(total_steps / (steps * environments))
}

/** Reads and validates a recipe; `overrides` are `field=value`. Throws with file, line and field. */
export async function loadControlRecipe(
  path: string,
  overrides: readonly string[] = [],
): Promise<ControlRecipe> {
  const recipe = parseYaml(controlRecipeSchema, await recipeText(path), { path, overrides })
  checkSizes(recipe, path)
  return recipe
}

/** Throws when numbers of a recipe do not fit each other. */
export function checkSizes(recipe: ControlRecipe, path: string): void {
  if (recipe.workers > recipe.environments)
    throw new UserError(
      `${path}: workers is ${recipe.workers}, more than the ${recipe.environments} environments`,
    )
  const rows = recipe.steps * recipe.environments
  if (recipe.learner === 'ppo' && recipe.minibatches > rows)
    throw new UserError(
      `${path}: minibatches is ${recipe.minibatches}, but an iteration has only ${rows} steps (steps × environments)`,
    )
  if (recipe.total_steps < rows)
    throw new UserError(
      `${path}: total_steps is ${recipe.total_steps}, less than one iteration's ${rows} (steps × environments)`,
    )
}
