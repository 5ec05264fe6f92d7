import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { parseYaml } from '../recipe/load.ts'
import { controlRecipeSchema } from './recipe.ts'

const count = z.int().positive()
const positive = z.number().positive()
const probability = z.number().min(0).max(1)

const annotator = z.discriminatedUnion('kind', [
  /** Answers from the sum of true rewards of a clip, P(first) = σ(gap/τ) with lapses; τ = 0 never errs. */
  z.strictObject({
    kind: z.literal('simulated'),
    temperature: z.number().min(0).default(0),
    lapse_rate: probability.default(0),
    score: z.enum(['return', 'evenness']).default('return'),
  }),
  /** People, by `attune control label`. */
  z.strictObject({
    kind: z.literal('person'),
    question: z.string().default('Which clip is better?'),
    /** The training waits while more pairs are unanswered. */
    most_waiting: count.default(10),
  }),
  /** People in a studio: the run's clips are items of a project there, and its answers are read as they arrive. */
  z.strictObject({
    kind: z.literal('studio'),
    url: z.url().default('http://127.0.0.1:4321'),
    /** A project of clips that is there already; without it one is made, and the run keeps its id. */
    project: z.string().min(1).optional(),
    question: z.string().default('Which clip is better?'),
    /** Answers wanted of each pair, each from another person. */
    overlap: count.default(1),
    /** The training waits while more answers are missing. */
    most_waiting: count.default(10),
    /** An admin's account; its password is in ATTUNE_STUDIO_PASSWORD. A studio of this machine alone needs none. */
    account: z.string().min(1).optional(),
  }),
])

/** A recipe of `attune control preferences`: PPO's fields, and the method's numbers (Christiano et al. 2017). */
export const preferenceRecipeSchema = controlRecipeSchema.extend({
  annotator,
  /** Labels to ask for in all. */
  labels: count,
  /** Share of them asked for before anything is learnt. */
  first_share: positive.max(1).default(0.25),
  /** How the rest is spread over time. */
  label_rate: z.enum(['constant', 'hyperbolic', 'inverse-quadratic']).default('hyperbolic'),
  /** Labels to wait for before the policy learns from them; later ones are taken as they come. */
  first_labels: count.default(1),
  selection: z.enum(['disagreement', 'random']).default('disagreement'),
  /** Candidates per pair that is asked about. */
  candidate_factor: count.default(10),
  clip_steps: count,
  /** Steps a second when clips are shown. */
  steps_per_second: positive.default(20),
  recent_rollouts: count.default(4),
  reward_model: z
    .strictObject({
      members: count.default(3),
      hidden: z.array(count).min(1).default([64, 64]),
      learning_rate: positive.default(1e-3),
      batch_size: count.default(32),
      first_updates: count.default(200),
      updates: count.default(40),
      lapse: probability.default(0.1),
      weight_decay: z.number().min(0).default(1e-4),
    })
    .prefault({}),
})

/** A validated recipe. */
export type PreferenceRecipe = z.output<typeof preferenceRecipeSchema>

/** Reads and validates a recipe; `overrides` are `field=value`. Throws with file, line and field. */
export async function loadPreferenceRecipe(
  path: string,
  overrides: readonly string[] = [],
): Promise<PreferenceRecipe> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UserError(`${path}: ${cause.code === 'ENOENT' ? 'there is no such recipe' : cause.message}`)
  })
  const recipe = parseYaml(preferenceRecipeSchema, text, { path, overrides })
  if (recipe.clip_steps > recipe.steps)
    throw new UserError(
      `${path}: clip_steps is ${recipe.clip_steps}, but an iteration has only ${recipe.steps} steps of each environment`,
    )
  if (recipe.total_steps < recipe.steps * recipe.environments)
    throw new UserError(
      `${path}: total_steps is ${recipe.total_steps}, less than one iteration's ${recipe.steps * recipe.environments}`,
    )
  return recipe
}
