import { join } from 'node:path'
import {
  type ActorCritic,
  type Box,
  convolutionalActorCritic,
  type Environment,
  type EnvironmentMaker,
  type MomentsState,
  makeEnvironment,
  mlpActorCritic,
  type PlayedPolicy,
  runningMoments,
  type Space,
  sacActor,
  spaceSize,
} from '@attune/control'
import { readJson, readSafetensors, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { UserError } from '../errors.ts'
import type { ControlRecipe } from './recipe.ts'

/** What `policy.json` beside a policy's weights says. */
export interface PolicyCard {
  readonly environment: string
  readonly max_steps?: number | undefined
  /** What trained it; PPO when it is not said. */
  readonly learner?: ControlRecipe['learner'] | undefined
  readonly network: ControlRecipe['network']
  /** Statistics that observations are normalised with. */
  readonly observations?: MomentsState | undefined
}

/** The network that a recipe names, for an environment's spaces. */
export function networkOf(
  network: ControlRecipe['network'],
  spaces: { readonly observationSpace: Box; readonly actionSpace: Space },
): ActorCritic {
  return network.kind === 'mlp' ? mlpActorCritic(spaces, network) : convolutionalActorCritic(spaces, network)
}

/** Makers of `count` of a recipe's environments. */
export function makersOf(
  { environment, max_steps }: Pick<PolicyCard, 'environment' | 'max_steps'>,
  count: number,
): EnvironmentMaker[] {
  return Array.from({ length: count }, () => () => makeEnvironment(environment, { maxSteps: max_steps }))
}

/** Saves a policy as `policy.safetensors` and `policy.json`. */
export async function savePolicy(folder: string, policy: PlayedPolicy, recipe: ControlRecipe): Promise<void> {
  const card: PolicyCard = {
    environment: recipe.environment,
    max_steps: recipe.max_steps,
    learner: recipe.learner,
    network: recipe.network,
    observations: policy.observations?.state(),
  }
  await writeSafetensors(join(folder, 'policy.safetensors'), policy.parameters)
  await writeFileAtomic(join(folder, 'policy.json'), [JSON.stringify(card)])
}

/** A saved policy with one environment of its task. */
export async function loadPolicy(folder: string): Promise<{
  readonly policy: PlayedPolicy
  readonly environment: Environment
  readonly card: PolicyCard
}> {
  const card = (await readJson(join(folder, 'policy.json')).catch((cause) => {
    throw new UserError(`${folder}: not a saved policy: ${(cause as Error).message}`)
  })) as unknown as PolicyCard
  const environment = await makeEnvironment(card.environment, { maxSteps: card.max_steps })
  const network =
    card.learner === 'sac' && card.network.kind === 'mlp'
      ? sacActor(environment, card.network)
      : networkOf(card.network, environment)
  const { tensors: parameters } = await readSafetensors(join(folder, 'policy.safetensors'))
  const moments = card.observations && runningMoments(spaceSize(environment.observationSpace))
  if (card.observations) moments?.restore(card.observations)
  return { policy: { network, parameters, observations: moments }, environment, card }
}
