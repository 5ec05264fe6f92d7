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
 * What a recipe's demonstrator does in its task: the policy that the run's folder keeps, or the recipe's. Throws when the policy
 * is missing or of another task.
 */
export async function demonstrationsOf(
  recipe: PreferenceRecipe,
  kept: string | undefined,
): Promise<Demonstrations | undefined> {
  const wanted = demonstrationsIn(recipe)
  if (!wanted) return undefined
  const { name, seed, clip_steps: length } = recipe
  const { policy, environment, card } = await loadPolicy(kept ?? wanted.policy)
  try {
    if (card.environment !== recipe.environment)
      throw new UserError(
        `${name}: demonstrations.policy ${wanted.policy} plays ${card.environment}, expected ${recipe.environment}`,
      )
    // a policy gradient's policy was trained to be drawn from
    const greedy = card.learner === 'dqn' || card.learner === 'sac'
    return await demonstrate(policy, environment, { seed, episodes: wanted.episodes, length, greedy })
  } finally {
    environment.close?.()
  }
}

/** The demonstrator that a run's folder keeps; undefined when it has none. */
export function keptDemonstrator(folder: string): string | undefined {
  const kept = join(folder, 'demonstrator')
  return existsSync(join(kept, 'policy.json')) ? kept : undefined
}

/** Copies a recipe's demonstrator to the run's folder, so that a run that goes on has the same demonstrations. */
export async function keepDemonstrator(recipe: PreferenceRecipe, folder: string): Promise<void> {
  const wanted = demonstrationsIn(recipe)
  if (!wanted || keptDemonstrator(folder)) return
  const to = join(folder, 'demonstrator')
  await mkdir(to, { recursive: true })
  for (const file of ['policy.safetensors', 'policy.json'])
    await cp(join(wanted.policy, file), join(to, file))
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
