import { environmentIds, trainerTastes } from '@attune/control'
import { z } from 'zod'
import { UserError } from '../../errors.ts'
import { count, positive, probability } from '../../recipe/fields.ts'
import { parseYaml, recipeText } from '../../recipe/load.ts'
import { delayOf, delaySchema } from './delay.ts'

const seconds = z.number().min(0)
const bounds = z.array(z.number()).min(1).optional()

const features = z.discriminatedUnion('kind', [
  /** Gaussian bumps on a grid; `low` and `high` bound a box that has no bounds of its own. */
  z.strictObject({
    kind: z.literal('radial'),
    per_side: z.int().min(2).default(3),
    low: bounds,
    high: bounds,
  }),
  /** Heights, unevenness and holes of Tetris's well after a placement. */
  z.strictObject({ kind: z.literal('well') }),
])

const trainer = z.discriminatedUnion('kind', [
  /** Judges by a hidden taste, late and not always right. */
  z.strictObject({
    kind: z.literal('simulated'),
    attention: probability.default(0.2),
    error: probability.default(0.05),
    delay: z.tuple([seconds, seconds]).default([0.2, 0.6]),
    /** Actions whose hidden value is this near to the best are good, too. */
    tolerance: z.number().min(0).default(1e-9),
  }),
  /** Somebody at the page that the command serves. */
  z.strictObject({ kind: z.literal('person') }),
])

/** A recipe of `attune control tamer` (Knox and Stone 2008, 2009). */
export const tamerRecipeSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9-]+$/, 'lower-case letters, digits and hyphens'),
  paper: z.string().optional(),
  description: z.string().optional(),
  seed: z.int().min(0).default(0),
  environment: z.enum(environmentIds as [string, ...string[]]),
  /** Steps until an episode is truncated, when other than the environment's own. */
  max_steps: count.optional(),
  episodes: count,
  features,
  /** α of the regression of Ĥ. */
  learning_rate: positive,
  delay: delaySchema.prefault({ kind: 'uniform' }),
  /** Steps that ended this many seconds before the present one began get no credit. */
  memory: positive.default(3),
  /** How long a step is seen; with a person the speed at the start. */
  seconds_per_step: positive.default(0.1),
  trainer,
  /** Episodes played greedily on Ĥ after the training. */
  evaluation_episodes: count.default(10),
})

/** A validated recipe. */
export type TamerRecipe = z.output<typeof tamerRecipeSchema>

/** Reads and validates a recipe; `overrides` are `field=value`. Throws with file, line and field. */
export async function loadTamerRecipe(path: string, overrides: readonly string[] = []): Promise<TamerRecipe> {
  const recipe = parseYaml(tamerRecipeSchema, await recipeText(path), { path, overrides })
  const { environment, features, trainer, delay } = recipe
  if (trainer.kind === 'simulated' && !trainerTastes.includes(environment))
    throw new UserError(
      `${path}: there is no simulated trainer for ${environment} (there are ${trainerTastes.join(', ')}); with trainer.kind=person you train it yourself`,
    )
  if ((features.kind === 'well') !== (environment === 'Tetris'))
    throw new UserError(
      `${path}: features.kind is '${features.kind}', but ${environment} needs '${environment === 'Tetris' ? 'well' : 'radial'}'`,
    )
  if (delay.kind === 'uniform' && delay.low >= delay.high)
    throw new UserError(`${path}: delay is from ${delay.low} to ${delay.high} s, expected low below high`)
  const held = delayOf(recipe)(recipe.memory)
  if (held < 0.99)
    throw new UserError(
      `${path}: a memory of ${recipe.memory} s holds ${Math.floor(100 * held)} % of the delays, expected 99 %: raise memory`,
    )
  return recipe
}
