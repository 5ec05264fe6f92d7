import { z } from 'zod'
import { UserError } from '../errors.ts'
import { count, positive, probability } from '../recipe/fields.ts'
import { parseYaml, recipeText } from '../recipe/load.ts'
import { a2cFields, checkSizes, dqnFields, iterationsOf, ppoFields, sacFields } from './recipe.ts'

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
    /** The training waits while more pairs are unanswered. */
    most_waiting: count.default(10),
    /** An admin's account; its password is in ATTUNE_STUDIO_PASSWORD. A studio of this machine alone needs none. */
    account: z.string().min(1).optional(),
  }),
])

const demonstrator = {
  /** The folder of a saved policy of the same task, as `runs/<name>/policy`: the run keeps a copy. */
  policy: z.string().min(1),
  episodes: count.default(3),
  /** Share of the pairs that are asked about whose first clip is also said to be worse than a demonstration. */
  label_share: probability.default(0.25),
}

/** Demonstrations that a policy is cloned from before it acts. */
const cloning = z.strictObject({
  ...demonstrator,
  /** Updates of cloning. */
  updates: count.default(500),
  batch_size: count.default(64),
})

/** Demonstrations that deep Q-learning keeps in its batches (Hester et al. 2018). */
const margins = z.strictObject({
  ...demonstrator,
  /** Updates on demonstrations alone before the agent acts. */
  updates: count.default(1000),
  /** Share of a batch. */
  batch_share: probability.default(0.25),
  /** By how much what was demonstrated must be worth more than other actions, and the weight of that loss. */
  margin: positive.default(0.8),
  weight: positive.default(1),
})

/** How a policy is cloned from demonstrations. */
export type Cloning = z.output<typeof cloning>
/** How deep Q-learning learns from demonstrations. */
export type Margins = z.output<typeof margins>

/** The method's numbers (Christiano et al. 2017). */
const preferenceFields = {
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
      weight_decay: z.number().min(0).max(0.01).default(1e-4),
    })
    .prefault({}),
  /**
   * Steps in all environments together in which nothing is asked and the policy learns to reach states far from those it knows
   * (unsupervised pre-training of PEBBLE, Lee et al. 2021).
   */
  pretraining_steps: z.int().min(0).default(0),
}

/** A recipe of `attune control preferences`: the fields of a learner, the method's, and demonstrations (Ibarz et al. 2018). */
export const preferenceRecipeSchema = z.discriminatedUnion('learner', [
  z.strictObject({ ...ppoFields, ...preferenceFields, demonstrations: cloning.optional() }),
  z.strictObject({ ...a2cFields, ...preferenceFields, demonstrations: cloning.optional() }),
  z.strictObject({ ...sacFields, ...preferenceFields }),
  z.strictObject({ ...dqnFields, ...preferenceFields, demonstrations: margins.optional() }),
])

/** A validated recipe. */
export type PreferenceRecipe = z.output<typeof preferenceRecipeSchema>

/** Reads and validates a recipe; `overrides` are `field=value`. Throws with file, line and field. */
export async function loadPreferenceRecipe(
  path: string,
  overrides: readonly string[] = [],
): Promise<PreferenceRecipe> {
  const recipe = parseYaml(preferenceRecipeSchema, await recipeText(path), { path, overrides })
  if (recipe.clip_steps > recipe.steps)
    throw new UserError(
      `${path}: clip_steps is ${recipe.clip_steps}, but an iteration has only ${recipe.steps} steps of each environment`,
    )
  checkSizes(recipe, path)
  const pretraining = pretrainingIterations(recipe)
  if (pretraining >= iterationsOf(recipe))
    throw new UserError(
      `${path}: pretraining_steps is ${recipe.pretraining_steps}, which leaves none of the ${recipe.total_steps} total_steps for labels`,
    )
  return recipe
}

/** Iterations of unsupervised pre-training, in whole. */
export function pretrainingIterations(recipe: PreferenceRecipe): number {
  return Math.ceil(recipe.pretraining_steps / (recipe.steps * recipe.environments))
}
