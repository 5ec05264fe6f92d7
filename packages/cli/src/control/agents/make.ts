import { type VectorEnvironment, vectorise, vectoriseInWorkers } from '@attune/control'
import { makersOf } from '../policy.ts'
import type { PreferenceRecipe } from '../preference-recipe.ts'
import type { ControlRecipe } from '../recipe.ts'
import { actorCriticAgent } from './actor-critic.ts'
import type { Agent, AgentParts } from './agent.ts'
import { dqnAgent, sacAgent } from './replay.ts'

/** Environments and learner that a recipe describes, before any training. */
export async function makeAgent(
  recipe: ControlRecipe | PreferenceRecipe,
  {
    naming = { source: `seed${recipe.seed}`, drawable: false },
    shown,
  }: Partial<Omit<AgentParts, 'environments'>> = {},
): Promise<Agent> {
  const parts = { environments: await environmentsOf(recipe), naming, shown }
  try {
    if (recipe.learner === 'sac') return sacAgent(recipe, parts)
    if (recipe.learner === 'dqn') return dqnAgent(recipe, parts)
    return actorCriticAgent(recipe, parts)
  } catch (cause) {
    await parts.environments.close() // worker threads would keep the process alive
    throw cause
  }
}

function environmentsOf(recipe: ControlRecipe): Promise<VectorEnvironment> {
  const { environment, environments: count, workers, max_steps: maxSteps, seed } = recipe
  return workers > 0
    ? vectoriseInWorkers(environment, { count, workers, seed, maxSteps })
    : vectorise(makersOf(recipe, count), { seed })
}
