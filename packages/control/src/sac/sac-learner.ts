import type { Parameters } from '@attune/grad'
import { spaceSize } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import { type ReplayLearner, replayLearner } from '../replay/replay-learner.ts'
import { boundedBox } from './actor.ts'
import { sacAgent } from './agent.ts'
import type { SacOptions } from './options.ts'
import { sacNetworks } from './programs.ts'

/** Soft actor-critic as a learner by replay. */
export interface SacLearner extends ReplayLearner {
  /** Live weights of the actor, as `sacActor` takes them. */
  readonly actor: Parameters
}

/**
 * Soft actor-critic with a temperature that is learnt (Haarnoja et al. 2018) as the policy learner of PEBBLE (Lee et al. 2021).
 * Needs a bounded box of actions. `naming` is as in `replayLearner`.
 */
export function sacLearner(
  environments: VectorEnvironment,
  options: SacOptions,
  naming: { readonly source: string; readonly drawable?: boolean },
): SacLearner {
  const { actionSpace, observationSpace } = environments
  const actions = boundedBox(actionSpace, environments.id)
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const agent = sacAgent(sacNetworks(sizes, options.hidden), actions, options)
  return { ...replayLearner(environments, agent, options, naming), actor: agent.actor }
}
