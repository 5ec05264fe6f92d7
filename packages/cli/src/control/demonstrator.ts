import { existsSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Demonstrations,
  demonstrate,
  demonstrationJudgments,
  type PreferenceGatherer,
  withDemonstrations,
} from '@attune/control'
import { UserError } from '../errors.ts'
import type { ClipFolder } from './label/clip-folder.ts'
import { loadPolicy } from './policy.ts'
import type { PreferenceRecipe } from './preference-recipe.ts'

/** How a recipe wants demonstrations; undefined when it wants none. */
function demonstrationsIn(recipe: PreferenceRecipe) {
  return 'demonstrations' in recipe ? recipe.demonstrations : undefined
}

/**
 * What a recipe's demonstrator does in its task. A run that begins copies the policy to its folder, and one that goes on plays
 * that copy: the same demonstrations. Throws when the policy is missing or of another task.
 */
export async function demonstrationsOf(
  recipe: PreferenceRecipe,
  folder: string,
): Promise<Demonstrations | undefined> {
  const wanted = demonstrationsIn(recipe)
  if (!wanted) return undefined
  const kept = join(folder, 'demonstrator')
  if (!existsSync(join(kept, 'policy.json'))) await keep(wanted.policy, recipe, kept)
  const { policy, environment, card } = await loadPolicy(kept)
  // a policy gradient's policy was trained to be drawn from
  const greedy = card.learner === 'dqn' || card.learner === 'sac'
  const { seed, clip_steps: length } = recipe
  return await demonstrate(policy, environment, { seed, episodes: wanted.episodes, length, greedy })
}

async function keep(policy: string, { name, environment }: PreferenceRecipe, to: string): Promise<void> {
  const { card } = await loadPolicy(policy)
  if (card.environment !== environment)
    throw new UserError(
      `${name}: demonstrations.policy ${policy} plays ${card.environment}, expected ${environment}`,
    )
  await mkdir(to, { recursive: true })
  for (const file of ['policy.safetensors', 'policy.json']) await cp(join(policy, file), join(to, file))
}

/** The gatherer with what demonstrations say; a folder that a person labels is given it as lines of its own. */
export function demonstrated(
  recipe: PreferenceRecipe,
  gatherer: PreferenceGatherer,
  { shown, clips }: { readonly shown: Demonstrations | undefined; readonly clips: ClipFolder },
): PreferenceGatherer {
  const wanted = demonstrationsIn(recipe)
  if (!wanted || !shown) return gatherer
  const options = { seed: recipe.seed, share: wanted.label_share }
  if (recipe.annotator.kind !== 'person') return withDemonstrations(gatherer, shown.clips, options)
  return {
    ...gatherer,
    ask: async (pairs) => {
      for (const judgment of demonstrationJudgments(pairs, shown.clips, options)) await clips.label(judgment)
      await gatherer.ask(pairs)
    },
  }
}
