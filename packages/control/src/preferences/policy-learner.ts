import { ppo } from '../learn/ppo.ts'
import type { PpoOptions, PpoRun, RolloutReward } from '../learn/ppo-options.ts'
import type { RecordedRollout } from './clip.ts'

/** Trains a policy on a reward that may change between calls. */
export interface PolicyLearner {
  /** One iteration: acts, then learns from the reward if there is one; returns what happened. Undefined when its iterations are over. */
  readonly learn: (
    reward: RolloutReward | undefined,
  ) => Promise<
    { readonly recorded: RecordedRollout; readonly metrics: Readonly<Record<string, number>> } | undefined
  >
  readonly close: () => Promise<void>
}

/** PPO as the policy learner. `source` names its rollouts; `drawable` keeps what is needed to draw clips for people. */
export function ppoLearner(
  run: Omit<PpoRun, 'reward'>,
  options: PpoOptions,
  { source, drawable = false }: { readonly source: string; readonly drawable?: boolean },
): PolicyLearner {
  let current: RolloutReward | undefined
  const records = ppo({ ...run, reward: (rollout) => current?.(rollout) }, options)
  let first = run.observations === undefined
  return {
    learn: async (reward) => {
      current = reward
      if (drawable && first) await run.environments.reset(options.seed)
      const start = drawable ? await run.environments.state() : undefined
      first = false
      const { value, done } = await records.next()
      if (done) return undefined
      return {
        recorded: { source: `${source}-i${value.step}`, rollout: value.rollout, ...(start && { start }) },
        metrics: value.metrics,
      }
    },
    close: async () => {
      await records.return(undefined)
    },
  }
}
