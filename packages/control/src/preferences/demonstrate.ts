import { randomKey } from '@attune/grad'
import type { Environment } from '../envs/environment.ts'
import { spaceSize } from '../envs/space.ts'
import { batched, type VectorStep } from '../envs/vector.ts'
import { drawActions, executable, type PlayedPolicy, seen } from '../learn/policy.ts'
import { recordRollout } from '../learn/record.ts'
import type { Transition } from '../replay/replay.ts'
import { type Clip, episodeClips } from './clip.ts'

/** What a demonstrator did: every step, and every episode cut into clips. */
export interface Demonstrations {
  readonly transitions: readonly Transition[]
  readonly clips: readonly Clip[]
}

/** Plays whole episodes with a policy for others to learn from; actions are drawn, or are the likeliest. */
export async function demonstrate(
  policy: PlayedPolicy,
  environment: Environment,
  {
    seed,
    episodes,
    length,
    greedy = false,
  }: {
    readonly seed: number
    readonly episodes: number
    /** Steps of a clip. */
    readonly length: number
    readonly greedy?: boolean
  },
): Promise<Demonstrations> {
  const environments = batched([environment], seed)
  const acting = policy.network.acting(policy.parameters)
  const random = greedy ? undefined : randomKey(seed, 'demonstrate')
  const taken: { observations: Float32Array; actions: Float32Array; step: VectorStep }[] = []
  try {
    let observations = await environments.reset(seed)
    for (let ended = 0; ended < episodes; ) {
      const { heads } = await acting.forward(seen(policy, observations))
      const actions = executable(drawActions(policy, heads, random), environments.actionSpace)
      const step = await environments.step(actions)
      taken.push({ observations, actions, step })
      ended += step.ended.length
      observations = step.observations
    }
  } finally {
    await acting.dispose()
  }
  const { observationSpace, actionSpace } = environment
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const recorder = recordRollout(taken.length, 1, sizes)
  for (const [t, { observations, actions, step }] of taken.entries())
    recorder.write(t, observations, actions, step)
  const recorded = { source: `demonstration${seed}`, rollout: recorder.rollout() }
  return {
    transitions: taken.flatMap((_, t) => recorder.transitions(t)),
    clips: episodeClips(recorded, length),
  }
}
