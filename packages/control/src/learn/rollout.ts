import { type Random, randomKey } from '@attune/grad'
import type { EndedEpisode, VectorEnvironment } from '../envs/vector.ts'
import type { Acting } from '../policies/actor-critic.ts'
import { executable, type Policy, seen } from './policy.ts'

/** What N environments went through in T steps, row-major [T, N, …]. */
export interface Rollout {
  readonly steps: number
  readonly count: number
  /** As the environments gave them. */
  readonly observations: Float32Array
  /** Where each step led, before any reset. */
  readonly nextObservations: Float32Array
  /** As the environments took them, within their bounds. */
  readonly actions: Float32Array
  /** The environments' own rewards. */
  readonly rewards: Float32Array
  readonly terminated: Uint8Array
  /** Terminated or truncated. */
  readonly ended: Uint8Array
  /** Episodes that ended, each with the step (from 0) it ended at. */
  readonly episodes: readonly (EndedEpisode & { readonly at: number })[]
  /** What the environments told in passing, [T][N]. */
  readonly infos: readonly (readonly (Readonly<Record<string, number>> | undefined)[])[]
}

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
  const buffers = rolloutBuffers(policy, { steps, count })
  const random = randomKey(seed, 'actions', iteration)
  const episodes: Rollout['episodes'][number][] = []
  const infos: Rollout['infos'][number][] = []
  let observations = first
  for (let t = 0; t < steps; t++) {
    const rows = seen(policy, observations)
    const { heads, values } = await acting.forward(rows)
    const { actions, logProbs } = drawAll(policy, heads, random)
    const taken = executable(actions, environments.actionSpace)
    const step = await environments.step(taken)
    const { rewards, terminated, truncated } = step
    const drawn = { observations, seen: rows, actions: taken, drawn: actions, logProbs, values }
    buffers.write(t, { ...drawn, rewards, terminated, truncated }, step.observations)
    for (const episode of step.ended) {
      episodes.push({ ...episode, at: t })
      buffers.correctNext(t, episode)
    }
    infos.push(step.infos)
    observations = step.observations
    policy.observations?.update(observations)
  }
  const nextValues = await valuesAhead(policy, acting, { ...buffers, observations, episodes, steps, count })
  const { seen: rows, drawn, logProbs, values, ...own } = buffers.arrays
  const rollout = { ...own, steps, count, episodes, infos }
  return { rollout, seen: rows, drawn, logProbs, values, nextValues, observations }
}

/** V(s_{t+1}) of every step: the next step's value, but where an episode or the rollout ended that of the true next state. */
async function valuesAhead(
  policy: Policy,
  acting: Acting,
  rollout: Pick<Rollout, 'episodes' | 'steps' | 'count'> & {
    readonly arrays: { readonly values: Float32Array }
    readonly observations: Float32Array
  },
): Promise<Float32Array> {
  const { arrays, episodes, steps, count } = rollout
  const ahead = new Float32Array(steps * count)
  ahead.set(arrays.values.subarray(count))
  ahead.set((await acting.forward(seen(policy, rollout.observations))).values, (steps - 1) * count)
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

function rolloutBuffers({ network }: Policy, { steps, count }: { steps: number; count: number }) {
  const rows = steps * count
  const width = network.observationSize
  const actionSize = network.distribution.actionSize
  const arrays = {
    observations: new Float32Array(rows * width),
    nextObservations: new Float32Array(rows * width),
    seen: new Float32Array(rows * width),
    actions: new Float32Array(rows * actionSize),
    drawn: new Float32Array(rows * actionSize),
    logProbs: new Float32Array(rows),
    values: new Float32Array(rows),
    rewards: new Float32Array(rows),
    terminated: new Uint8Array(rows),
    ended: new Uint8Array(rows),
  }
  type Written = 'observations' | 'seen' | 'actions' | 'drawn' | 'logProbs' | 'values' | 'rewards'
  const write = (
    t: number,
    step: Readonly<Record<Written, Float32Array>> & {
      readonly terminated: Uint8Array
      readonly truncated: Uint8Array
    },
    next: Float32Array,
  ): void => {
    arrays.observations.set(step.observations, t * count * width)
    arrays.seen.set(step.seen, t * count * width)
    arrays.nextObservations.set(next, t * count * width)
    arrays.actions.set(step.actions, t * count * actionSize)
    arrays.drawn.set(step.drawn, t * count * actionSize)
    arrays.logProbs.set(step.logProbs, t * count)
    arrays.values.set(step.values, t * count)
    arrays.rewards.set(step.rewards, t * count)
    arrays.terminated.set(step.terminated, t * count)
    for (let i = 0; i < count; i++)
      arrays.ended[t * count + i] = Number(step.terminated[i] || step.truncated[i])
  }
  const correctNext = (t: number, { index, observation }: EndedEpisode): void =>
    arrays.nextObservations.set(observation, (t * count + index) * width)
  return { arrays, write, correctNext }
}
