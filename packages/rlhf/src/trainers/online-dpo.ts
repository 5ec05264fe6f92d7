import { remembered, type SequenceScores, sequenceLogProbs } from '../rollout/reference.ts'
import { sampler } from '../rollout/sampler.ts'
import { descend } from './gradient.ts'
import {
  type Draw,
  draw,
  drawMetrics,
  drawSamples,
  halves,
  type OnlineOptions,
  type OnlineRun,
} from './online-options.ts'
import { type PairGradient, pairGradient, type SequencePair } from './pair-gradient.ts'
import type { StepRecord, Trainable } from './types.ts'

/**
 * Online DPO (Guo et al. 2024): two completions of every prompt, the better by the reward is chosen, and a direct
 * loss on that pair. Pairs of equal scores are left out.
 */
export async function* onlineDpo(run: OnlineRun, options: OnlineOptions): AsyncGenerator<StepRecord> {
  const { policy } = run
  const { device, temperature, microBatchSize } = options
  const frozen = sequenceLogProbs(run.reference, { device, temperature, batchSize: 2 * microBatchSize })
  const gradient = pairGradient(policy.architecture, { ...run, ...options })
  const actor = sampler(policy, { device })
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const both = await draw(run, { actor, source: 'rollout', step, options, copies: 2 }) // y, y′ ~ π(· | x)
      const [first, second] = halves(both)
      const reference = remembered(frozen)
      const metrics = { ...(await drawMetrics(both, reference)), ...scoreMargins(first, second) }
      const pairs = pairsByScore(first, second)
      const learnt =
        pairs.length === 0 ? {} : await update(policy, { gradient, pairs, reference, step, microBatchSize })
      yield { step: step + 1, metrics: { ...metrics, ...learnt }, samples: drawSamples(both) }
    }
  } finally {
    await actor.dispose()
    await gradient.dispose()
    await frozen.dispose()
  }
}

interface Update {
  readonly gradient: PairGradient
  readonly pairs: readonly SequencePair[]
  readonly reference: SequenceScores
  readonly step: number
  readonly microBatchSize: number
}

/** One optimiser step on the pairs. */
async function update(
  { parameters, optimizer }: Trainable,
  { gradient, pairs, step, ...options }: Update,
): Promise<Record<string, number>> {
  const result = await gradient.of(parameters, pairs, options)
  const { gradientNorm, learningRate } = descend({ parameters, optimizer }, result, {
    step,
    rows: [...pairs.keys()],
  })
  return { loss: result.loss, ...result.stats, grad_norm: gradientNorm, learning_rate: learningRate }
}

/** (better, worse) of every prompt whose two completions differ in score. */
export function pairsByScore(first: Draw, second: Draw): SequencePair[] {
  return first.sequences.flatMap((one, row): SequencePair[] => {
    const other = second.sequences[row]!
    const gap = first.scores[row]! - second.scores[row]!
    if (gap === 0) return []
    return [gap > 0 ? [one, other] : [other, one]]
  })
}

/** How far the two completions of a prompt lie apart in score, and how often not at all. */
function scoreMargins(first: Draw, second: Draw): Record<string, number> {
  const gaps = first.scores.map((score, row) => Math.abs(score - second.scores[row]!))
  return {
    'objective/scores_margin': gaps.reduce((a, b) => a + b, 0) / gaps.length,
    frac_reward_zero_std: gaps.filter((gap) => gap === 0).length / gaps.length,
  }
}
