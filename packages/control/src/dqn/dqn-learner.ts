import type { Parameters } from '@attune/grad'
import { spaceSize } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import { type Replay, replay, type Transition } from '../replay/replay.ts'
import { type ReplayLearner, replayLearner } from '../replay/replay-learner.ts'
import { dqnAgent } from './agent.ts'
import type { DqnOptions, ImitationOptions } from './options.ts'

/** Deep Q-learning as a learner by replay. */
export interface DqnLearner extends ReplayLearner {
  /** Live weights, as the network takes them. */
  readonly parameters: Parameters
}

/** What a learner by deep Q-learning has besides its numbers: the names of its rollouts, and what was demonstrated. */
export interface DqnParts {
  readonly source: string
  readonly drawable?: boolean
  readonly imitation?: (ImitationOptions & { readonly demonstrations: readonly Transition[] }) | undefined
}

/**
 * Deep Q-learning (Mnih et al. 2015), double and dueling, and with demonstrations the learner of Ibarz et al. (2018): batches hold
 * some, and their actions keep a margin over others. Needs a choice between actions, and demonstrations that are not empty.
 */
export function dqnLearner(
  environments: VectorEnvironment,
  network: ActorCritic,
  options: DqnOptions,
  { imitation, ...naming }: DqnParts,
): DqnLearner {
  if (environments.actionSpace.kind !== 'discrete')
    throw new TypeError(`${environments.id}: deep Q-learning needs a choice between actions`)
  const known = imitation && bufferOf(imitation.demonstrations, environments)
  const agent = dqnAgent(network, options, known && { ...imitation, demonstrations: known })
  return {
    ...replayLearner(environments, agent, options, { ...naming, known }),
    parameters: agent.parameters,
  }
}

function bufferOf(transitions: readonly Transition[], { observationSpace }: VectorEnvironment): Replay {
  if (transitions.length === 0) throw new RangeError('there are no demonstrations to learn from')
  const held = replay(transitions.length, { observationSize: spaceSize(observationSpace), actionSize: 1 })
  for (const transition of transitions) held.add(transition)
  return held
}
