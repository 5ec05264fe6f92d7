import { type Optimizer, type Parameters, type Random, randomKey } from '@attune/grad'
import type { Space } from '../envs/space.ts'
import type { VectorEnvironment } from '../envs/vector.ts'
import type { ActorCritic } from '../policies/actor-critic.ts'
import type { Distribution } from '../policies/distribution.ts'
import { normalised, type RunningMoments } from './normalise.ts'

/** A policy with its critic that is trained: parameters, optimiser and statistics change in place. */
export interface Policy {
  readonly network: ActorCritic
  readonly parameters: Parameters
  readonly optimizer: Optimizer
  /** Statistics by which observations are normalised before the network sees them; without them it sees them as they are. */
  readonly observations?: RunningMoments
}

/** What actions are drawn by: an actor-critic, or an actor alone. */
export interface Actor {
  /** First weights. */
  readonly initial: (seed: number) => Parameters
  readonly distribution: Pick<Distribution, 'headSize' | 'actionSize' | 'draw' | 'mode'>
  readonly acting: (parameters: Parameters) => {
    readonly forward: (
      observations: Float32Array,
    ) => { readonly heads: Float32Array } | Promise<{ readonly heads: Float32Array }>
    readonly dispose: () => Promise<void>
  }
}

/** A policy that is only played. */
export interface PlayedPolicy {
  readonly network: Actor
  readonly parameters: Parameters
  readonly observations?: RunningMoments | undefined
}

/** Observations [B, observation] as the policy's network sees them. */
export function seen({ observations }: Pick<PlayedPolicy, 'observations'>, rows: Float32Array): Float32Array {
  return observations ? normalised(rows, observations) : rows
}

/** Actions [B, action] as the environment may take them: the numbers of a box are cut to its bounds. */
export function executable(actions: Float32Array, space: Space): Float32Array {
  if (space.kind === 'discrete') return actions
  const { low, high } = space
  return actions.map((a, i) => Math.max(low[i % low.length]!, Math.min(high[i % low.length]!, a)))
}

/** Returns and lengths of whole episodes. */
export interface Evaluation {
  readonly returns: readonly number[]
  readonly lengths: readonly number[]
}

/** Plays at least `episodes` episodes with the policy; its statistics stay as they are. */
export async function evaluate(
  policy: PlayedPolicy,
  environments: VectorEnvironment,
  {
    episodes,
    seed,
    greedy = true,
  }: { readonly episodes: number; readonly seed: number; readonly greedy?: boolean },
): Promise<Evaluation> {
  const acting = policy.network.acting(policy.parameters)
  const random = randomKey(seed, 'evaluate')
  const share = Math.ceil(episodes / environments.count)
  const done: { return: number; steps: number }[][] = Array.from({ length: environments.count }, () => [])
  let observations = await environments.reset(seed)
  try {
    while (done.some((list) => list.length < share)) {
      const { heads } = await acting.forward(seen(policy, observations))
      const actions = drawActions(policy, heads, greedy ? undefined : random)
      const step = await environments.step(executable(actions, environments.actionSpace))
      for (const episode of step.ended) done[episode.index]!.push(episode)
      observations = step.observations
    }
  } finally {
    await acting.dispose()
  }
  // The same number from every environment: short episodes would otherwise count more often.
  const all = done.flatMap((list) => list.slice(0, share))
  return { returns: all.map((one) => one.return), lengths: all.map(({ steps }) => steps) }
}

/** Actions [B, action] for heads [B, head]: drawn, or without random numbers the likeliest. */
export function drawActions(
  { network: { distribution }, parameters }: PlayedPolicy,
  heads: Float32Array,
  random: Random | undefined,
): Float32Array {
  const rows = heads.length / distribution.headSize
  const actions = new Float32Array(rows * distribution.actionSize)
  for (let row = 0; row < rows; row++) {
    if (random) distribution.draw(parameters, { heads, actions, row }, random)
    else distribution.mode({ heads, actions, row })
  }
  return actions
}
