import { join } from 'node:path'
import {
  type ActorCritic,
  type Box,
  convolutionalActorCritic,
  type Environment,
  type EnvironmentMaker,
  environmentIds,
  makeEnvironment,
  mlpActorCritic,
  type PlayedPolicy,
  runningMoments,
  type Space,
  sacActor,
  spaceSize,
  takeParameters,
} from '@attune/control'
import { readJson, readSafetensors, writeFileAtomic, writeSafetensors } from '@attune/lm'
import { z } from 'zod'
import { UserError } from '../errors.ts'
import { count } from '../recipe/fields.ts'
import { type ControlRecipe, networkSchema } from './recipe.ts'

const numbers = z.array(z.number()).readonly()
const cardSchema = z.object({
  environment: z.enum(environmentIds as [string, ...string[]]),
  max_steps: count.optional(),
  /** What trained it; PPO when it is not said. */
  learner: z.enum(['ppo', 'a2c', 'sac', 'dqn']).optional(),
  network: networkSchema,
  /** Statistics that observations are normalised with. */
  observations: z.object({ count: z.number(), mean: numbers, variance: numbers }).readonly().optional(),
})

/** What `policy.json` beside a policy's weights says. */
export type PolicyCard = z.output<typeof cardSchema>

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

/** A saved policy with one environment of its task. Throws when its weights are not those of the network that its card names. */
export async function loadPolicy(folder: string): Promise<{
  readonly policy: PlayedPolicy
  readonly environment: Environment
  readonly card: PolicyCard
}> {
  const card = await cardOf(folder)
  const environment = await makeEnvironment(card.environment, { maxSteps: card.max_steps })
  const network =
    card.learner === 'sac' && card.network.kind === 'mlp'
      ? sacActor(environment, card.network)
      : networkOf(card.network, environment)
  const parameters = network.initial(0)
  const moments = card.observations && runningMoments(spaceSize(environment.observationSpace))
  try {
    takeParameters(parameters, (await readSafetensors(join(folder, 'policy.safetensors'))).tensors)
    if (card.observations) moments?.restore(card.observations)
  } catch (cause) {
    environment.close?.()
    throw new UserError(
      `${folder}: policy.safetensors does not fit policy.json, a ${card.network.kind} of ${card.environment}: ${(cause as Error).message}`,
    )
  }
  return { policy: { network, parameters, observations: moments }, environment, card }
}

async function cardOf(folder: string): Promise<PolicyCard> {
  const read = await readJson(join(folder, 'policy.json')).catch((cause) => {
    throw new UserError(`${folder}: not a saved policy: ${(cause as Error).message}`)
  })
  const parsed = cardSchema.safeParse(read)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new UserError(`${join(folder, 'policy.json')}: ${path.join('.')}: ${message}`)
}
