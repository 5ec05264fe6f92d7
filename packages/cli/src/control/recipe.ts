import { readFile } from 'node:fs/promises'
import { environmentIds } from '@attune/control'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { parseYaml } from '../recipe/load.ts'

const count = z.int().positive()
const positive = z.number().positive()
const probability = z.number().min(0).max(1)

const network = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('mlp'), hidden: z.array(count).min(1).default([64, 64]) }),
    z.strictObject({
      kind: z.literal('convolutional'),
      filters: count.default(16),
      hidden: count.default(128),
    }),
  ])
  .default({ kind: 'mlp', hidden: [64, 64] })

/** PPO's numbers under their usual symbols, with CleanRL's defaults for continuous control. */
export const ppoFields = {
  /** Steps in all environments together. */
  total_steps: count,
  /** Steps of each environment in an iteration. */
  steps: count.default(2048),
  epochs: count.default(10),
  minibatches: count.default(32),
  gamma: probability.default(0.99),
  lambda: probability.default(0.95),
  clip_range: positive.default(0.2),
  /** Clip of the critic's loss; null leaves it out. */
  value_clip_range: positive.nullable().default(0.2),
  entropy_coefficient: z.number().min(0).default(0),
  value_coefficient: z.number().min(0).default(0.5),
  learning_rate: positive.default(3e-4),
  schedule: z.enum(['linear', 'constant']).default('linear'),
  adam_epsilon: positive.default(1e-5),
  max_grad_norm: positive.default(0.5),
  /** Ends an iteration's epochs early; null leaves it out. */
  target_kl: positive.nullable().default(null),
  normalise_observations: z.boolean().default(true),
  normalise_rewards: z.boolean().default(true),
}

/** A recipe of `attune control train`. */
export const controlRecipeSchema = z.strictObject({
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
  network,
  ...ppoFields,
  /** Iterations between checkpoints. */
  save_iterations: count.default(10),
  /** Episodes played with the likeliest actions after the last iteration. */
  evaluation_episodes: count.default(10),
})

/** A validated recipe. */
export type ControlRecipe = z.output<typeof controlRecipeSchema>

/** Reads and validates a recipe; `overrides` are `field=value`. Throws with file, line and field. */
export async function loadControlRecipe(
  path: string,
  overrides: readonly string[] = [],
): Promise<ControlRecipe> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: ${cause.code === 'ENOENT' ? 'there is no such recipe' : cause.message}`)
  })
  const recipe = parseYaml(controlRecipeSchema, text, { path, overrides })
  if (recipe.workers > recipe.environments)
    throw new UserError(
      `${path}: workers is ${recipe.workers}, more than the ${recipe.environments} environments`,
    )
  const rows = recipe.steps * recipe.environments
  if (recipe.minibatches > rows)
    throw new UserError(
      `${path}: minibatches is ${recipe.minibatches}, but an iteration has only ${rows} steps (steps × environments)`,
    )
  if (recipe.total_steps < rows)
    throw new UserError(
      `${path}: total_steps is ${recipe.total_steps}, less than one iteration's ${rows} (steps × environments)`,
    )
  return recipe
}
