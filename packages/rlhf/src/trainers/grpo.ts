import { type FloatArray, randomKey } from '@attune/grad'
import { standardDeviation } from '../advantages/group.ts'
import { partsOf } from '../rollout/chunks.ts'
import { completionMetrics } from '../rollout/monitors.ts'
import { rowsOf } from '../rollout/positions.ts'
import { sampler } from '../rollout/sampler.ts'
import { sequenceBatch } from '../rollout/sequences.ts'
import { chunksByPrompt } from '../rollout/shared-prompts.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import type { GrpoOptions, GrpoRun } from './grpo-options.ts'
import { type GroupBatch, type GrpoPrograms, grpoPrograms } from './grpo-programs.ts'
import { advantagesOf, type GroupRollout, sampleGroups } from './grpo-rollout.ts'
import type { StepRecord } from './types.ts'

/** Group relative policy optimisation (GRPO, Shao et al. 2024) and its critic-free kin: one record per step. */
export async function* grpo(run: GrpoRun, options: GrpoOptions): AsyncGenerator<StepRecord> {
  const programs = grpoPrograms(run, options)
  const actor = run.sampler ?? sampler(run.policy, options)
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const rollout = await sampleGroups(run, { programs, actor, options, step }) // y_1..G ~ π_old(· | x); r_1..G
      const advantages = advantagesOf(run, rollout, options) // of r_i − β Σ_t (log π_old − log π_ref)
      const updates: Record<string, number>[] = []
      for (let iteration = 0; iteration < options.iterations; iteration++) {
        const order = randomKey(options.seed, 'minibatch', step, iteration).permutation(
          rollout.sequences.length,
        )
        for (const rows of partsOf([...order], options.minibatches))
          updates.push(await update(run, { programs, options, step, rows, rollout, advantages }))
      }
      yield record(rollout, { step, updates, options })
    }
  } finally {
    if (!run.sampler) await actor.dispose()
    await programs.dispose()
  }
}

interface Update {
  readonly programs: GrpoPrograms
  readonly options: GrpoOptions
  readonly step: number
  readonly rows: readonly number[]
  readonly rollout: GroupRollout
  readonly advantages: FloatArray
}

/** One optimiser step on some rows of the rollout. */
async function update(
  { policy }: GrpoRun,
  { programs, options, step, rows, rollout, advantages }: Update,
): Promise<Record<string, number>> {
  const { sequences, completions, oldLogp, referenceLogp } = rollout
  const kept = rows.filter((row) => !options.maskTruncated || completions[row]!.finishReason === 'stop')
  if (kept.length === 0) return {} // every completion was cut: nothing to learn from
  const count = kept.reduce((total, row) => total + sequences[row]!.completion.length, 0)
  const parts = chunksByPrompt(kept, { size: options.microBatchSize, sequence: (row) => sequences[row]! })
  const microBatches = parts.map((part): GroupBatch => {
    const batch = sequenceBatch(part.map((row) => sequences[row]!))
    const time = batch.tokens.shape[1]!
    return {
      ...batch,
      advantage: rowsOf(advantages, part, time),
      oldLogp: oldLogp && rowsOf(oldLogp, part, time),
      referenceLogp: referenceLogp && rowsOf(referenceLogp, part, time),
      sequences: rows.length,
      count,
    }
  })
  const result = await accumulatedGradient(programs.gradient, policy.parameters, { microBatches })
  const { gradientNorm, learningRate } = descend(policy, result, { step, rows: kept })
  return { loss: result.loss, ...result.stats, grad_norm: gradientNorm, learning_rate: learningRate }
}

function record(
  { sequences, completions, scores, uniform }: GroupRollout,
  {
    step,
    updates,
    options,
  }: { step: number; updates: readonly Record<string, number>[]; options: GrpoOptions },
): StepRecord {
  const used = updates.filter((each) => 'loss' in each)
  const names = Object.keys(used[0] ?? {})
  return {
    step: step + 1,
    metrics: {
      reward: scores.reduce((a, b) => a + b, 0) / scores.length,
      reward_std: standardDeviation(scores),
      frac_reward_zero_std: uniform,
      ...completionMetrics(completions),
      ...Object.fromEntries(
        names.map((name) => [name, used.reduce((sum, each) => sum + each[name]!, 0) / used.length]),
      ),
      episode: (step + 1) * sequences.length,
    },
    samples: sequences
      .slice(0, Math.min(options.groupSize, 4))
      .map((sequence, i) => ({ ...sequence, score: scores[i]! })),
  }
}
