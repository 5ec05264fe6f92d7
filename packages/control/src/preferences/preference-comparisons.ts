import type { RolloutReward } from '../learn/ppo-options.ts'
import type { Clip, ClipPair, RecordedRollout } from './clip.ts'
import type { Fragmenter } from './fragment.ts'
import type { PreferenceGatherer } from './gather.ts'
import { type ClipJudgment, type ReadLabels, readLabels } from './labels.ts'
import type { PolicyLearner } from './policy-learner.ts'
import type { RewardLearner } from './reward-learner.ts'

/** The roles of the method, each a value. */
export interface PreferenceRoles {
  readonly policy: PolicyLearner
  readonly fragmenter: Fragmenter
  readonly gatherer: PreferenceGatherer
  readonly rewards: RewardLearner
  /** What the policy learns from before the first fit; without it it only acts. */
  readonly beforeLabels?: RolloutReward
  /** Keeps a pair of clips before it is asked about. */
  readonly keep?: (pairs: readonly ClipPair[], rollouts: readonly RecordedRollout[]) => Promise<void>
}

/** Numbers of the loop. */
export interface PreferenceOptions {
  /** Labels to ask for at each iteration; its length is the number of iterations. */
  readonly schedule: readonly number[]
  /** Labels to wait for before the policy learns from them; later ones are taken as they come. */
  readonly firstLabels: number
  /** Newest rollouts that clips are cut from and rewards are standardised on. */
  readonly recent?: number
  /** Where an earlier process stopped; its roles are restored by their own states, its labels and clips are given here. */
  readonly from?: PreferenceState
  /** Labels of an earlier run, and their clips. */
  readonly labels?: readonly ClipJudgment[]
  readonly clips?: readonly Clip[]
}

/** Where the loop stands between two iterations, besides its labels and what its roles hold. */
export interface PreferenceState {
  readonly iteration: number
  /** Labels that were due and could not be asked for yet. */
  readonly owed: number
  /** The newest rollouts, which clips are cut from. */
  readonly rollouts: readonly RecordedRollout[]
}

/** What the loop yields after every iteration. */
export interface PreferenceRecord {
  /** Iterations done so far, counted from 1. */
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  /** Judgments that came in this iteration. */
  readonly judgments: readonly ClipJudgment[]
  readonly recorded: RecordedRollout
  readonly state: PreferenceState
}

/**
 * Deep reinforcement learning from human preferences (Christiano et al. 2017, §2.2): the policy learns from r̂, pairs of its clips
 * are compared, r̂ is fitted to the comparisons; answers are taken as they come while the policy goes on.
 */
export async function* preferenceComparisons(
  { policy, fragmenter, gatherer, rewards, beforeLabels, keep }: PreferenceRoles,
  { schedule, firstLabels, recent = 4, from, labels: earlier = [], clips = [] }: PreferenceOptions,
): AsyncGenerator<PreferenceRecord> {
  const shown = new Map(clips.map((clip) => [clip.id, clip]))
  const judgments = [...earlier]
  let rollouts = from?.rollouts ?? []
  let owed = from?.owed ?? 0
  try {
    for (let iteration = from?.iteration ?? 0; iteration < schedule.length; iteration++) {
      const known = answersIn(readLabels(judgments, (id) => shown.get(id)))
      const experience = await policy.learn(rewards.fitted() ? rewards.reward : beforeLabels) // 1. act; improve π on r̂
      if (!experience) return
      rollouts = [...rollouts, experience.recorded].slice(-recent)
      rewards.observe(experience.recorded)
      owed += schedule[iteration]!
      const pairs = owed > 0 ? await fragmenter(rollouts, owed, iteration) : [] // 2. choose pairs of clips, and ask
      owed -= pairs.length
      for (const clip of pairs.flat()) shown.set(clip.id, clip)
      await keep?.(pairs, rollouts)
      await gatherer.ask(pairs)
      const fresh = await gatherer.answers(Math.max(firstLabels - known, 0))
      judgments.push(...fresh)
      const labels = readLabels(judgments, (id) => shown.get(id))
      const fitted = fresh.length > 0 || known > 0 ? await rewards.fit(labels.pairs, iteration) : {} // 3. fit r̂
      await rewards.calibrate(rollouts)
      yield {
        step: iteration + 1,
        metrics: {
          ...experience.metrics,
          ...fitted,
          'labels/given': answersIn(labels),
          'labels/waiting': gatherer.waiting(),
          'labels/gone': labels.gone.length,
          'labels/contradictory': labels.contradictory,
        },
        judgments: fresh,
        recorded: experience.recorded,
        state: { iteration: iteration + 1, owed, rollouts },
      }
    }
  } finally {
    await policy.close()
  }
}

function answersIn({ pairs }: ReadLabels): number {
  return pairs.reduce((total, { answers }) => total + answers, 0)
}
