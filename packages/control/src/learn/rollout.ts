import { type Random, randomKey } from '@attune/grad'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { Acting } from '../policies/actor-critic.ts'
import { executable, type Policy, seen } from './policy.ts'
import { type Rollout, recordRollout } from './record.ts'

/** A rollout with what the policy thought meanwhile. */
export interface Collected {
  readonly rollout: Rollout
  /** Observations as the network saw them [T, N, observation]. */
  readonly seen: Float32Array
  /** Actions as drawn [T, N, action], and their log-probabilities [T, N]. */
  readonly drawn: Float32Array
  readonly logProbs: Float32Array
  readonly values: Float32Array
  readonly nextValues: Float32Array
  /** Where the environments stand now. */
  readonly observations: Float32Array
}

/** Where a rollout begins: the observations there, how many steps, and its random numbers' key. */
export interface RolloutStart {
  readonly observations: Float32Array
  readonly steps: number
  readonly seed: number
  readonly iteration: number
}

/** Plays `steps` steps in every environment with actions drawn from the policy; its statistics of observations go on. */
export async function collect(
  policy: Policy,
  { environments, acting }: { readonly environments: VectorEnvironment; readonly acting: Acting },
  { observations: first, steps, seed, iteration }: RolloutStart,
): Promise<Collected> {
  const { count } = environments
  const { observationSize, distribution } = policy.network
  const { actionSize } = distribution
  const recorder = recordRollout(steps, count, { observationSize, actionSize })
  const thoughts = {
    seen: new Float32Array(steps * count * observationSize),
    drawn: new Float32Array(steps * count * actionSize),
    logProbs: new Float32Array(steps * count),
    values: new Float32Array(steps * count),
  }
  const random = randomKey(seed, 'actions', iteration)
  let observations = first
  for (let t = 0; t < steps; t++) {
    const rows = seen(policy, observations)
    const { heads, values } = await acting.forward(rows)
    const { actions, logProbs } = drawAll(policy, heads, random)
    const taken = executable(actions, environments.actionSpace)
    const step = await environments.step(taken)
    recorder.write(t, observations, taken, step)
    thoughts.seen.set(rows, t * count * observationSize)
    thoughts.drawn.set(actions, t * count * actionSize)
    thoughts.logProbs.set(logProbs, t * count)
    thoughts.values.set(values, t * count)
    observations = step.observations
    policy.observations?.update(observations)
  }
  const rollout = recorder.rollout()
  const nextValues = await valuesAhead(policy, acting, { rollout, values: thoughts.values, observations })
  return { rollout, ...thoughts, nextValues, observations }
}

/** V(s_{t+1}) of every step: the next step's value, but where an episode or the rollout ended that of the true next state. */
async function valuesAhead(
  policy: Policy,
  acting: Acting,
  { rollout, values, observations }: Pick<Collected, 'rollout' | 'values' | 'observations'>,
): Promise<Float32Array> {
  const { episodes, steps, count } = rollout
  const ahead = new Float32Array(steps * count)
  ahead.set(values.subarray(count))
  ahead.set((await acting.forward(seen(policy, observations))).values, (steps - 1) * count)
  for (const { at, index, observation, terminated } of episodes)
    if (!terminated) ahead[at * count + index] = (await acting.forward(seen(policy, observation))).values[0]!
  return ahead
}

function drawAll(
  { network: { distribution }, parameters }: Policy,
  heads: Float32Array,
  random: Random,
): { readonly actions: Float32Array; readonly logProbs: Float32Array } {
  const rows = heads.length / distribution.headSize
  const actions = new Float32Array(rows * distribution.actionSize)
  const logProbs = new Float32Array(rows)
  for (let row = 0; row < rows; row++)
    logProbs[row] = distribution.draw(parameters, { heads, actions, row }, random)
  return { actions, logProbs }
}
