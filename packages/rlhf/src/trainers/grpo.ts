import {
  type Compiled,
  type NdArray,
  ndarray,
  type Parameters,
  randomKey,
  type Tensor,
  type ValueAndGradients,
  value,
  valueAndGrad,
} from '@attune/grad'
import { standardDeviation } from '../advantages/group.ts'
import { policyGradient } from '../objectives/policy-gradient/policy-gradient.ts'
import { chunksOf } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { completionMetrics } from '../rollout/monitors.ts'
import { sampler } from '../rollout/sampler.ts'
import { paddedLength, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { chunksByPrompt } from '../rollout/shared-prompts.ts'
import { accumulatedGradient, checkFinite } from './gradient.ts'
import type { GrpoOptions, GrpoRun } from './grpo-options.ts'
import { type GroupRollout, sampleGroups } from './grpo-rollout.ts'
import type { StepRecord } from './types.ts'

interface GroupBatch extends SequenceBatch {
  /** The advantage of a row's sequence [B]. */
  readonly advantage: NdArray
  readonly oldLogp: NdArray | undefined
  readonly referenceLogp: NdArray | undefined
  readonly sequences: number
  readonly count: number
}

/** Group relative policy optimisation (GRPO, Shao et al. 2024, algorithm 1) and its critic-free kin: one record per step. */
export async function* grpo(run: GrpoRun, options: GrpoOptions): AsyncGenerator<StepRecord> {
  const { policy, advantage: advantagesOf } = run
  const { architecture } = policy
  const { temperature, device } = options
  const logProbs = value<[Parameters, SequenceBatch], Tensor>(
    (weights, batch) => tokenLogProbs(architecture, weights, { ...batch, temperature }).logp,
    { device },
  )
  const referenceArchitecture = run.reference?.architecture ?? architecture
  const referenceLogProbs =
    referenceArchitecture === architecture
      ? logProbs
      : value<[Parameters, SequenceBatch], Tensor>(
          (weights, batch) => tokenLogProbs(referenceArchitecture, weights, { ...batch, temperature }).logp,
          { device },
        )
  const gradient = valueAndGrad<[GroupBatch]>(
    (weights, { advantage, oldLogp, count, mask, ...batch }) => {
      const { logp } = tokenLogProbs(architecture, weights, { ...batch, temperature })
      return policyGradient(run.objective, {
        ...batch,
        logp,
        mask,
        oldLogp: oldLogp ?? logp.stopGradient(),
        advantage: advantage.expandDims(1).broadcastTo(mask.shape),
        tokens: count,
      })
    },
    { device },
  )
  const actor = run.sampler ?? sampler(policy, { device })
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const rollout = await sampleGroups(run, { options, step, actor, logProbs, referenceLogProbs }) // y_1..G ~ π(· | x)
      const advantages = advantagesOf(penalised(rollout, options), options.groupSize)
      const updates: Record<string, number>[] = []
      for (let iteration = 0; iteration < options.iterations; iteration++) {
        const order = randomKey(options.seed, 'minibatch', step, iteration).permutation(advantages.length)
        for (const rows of chunksOf([...order], Math.ceil(order.length / options.minibatches))) {
          updates.push(await update(run, { gradient, options, step, rows, rollout, advantages }))
        }
      }
      yield record(rollout, { step, updates, options })
    }
  } finally {
    if (!run.sampler) await actor.dispose()
    await gradient.dispose()
    await logProbs.dispose()
    if (referenceLogProbs !== logProbs) await referenceLogProbs.dispose()
  }
}

interface Update {
  readonly gradient: Compiled<[Parameters, GroupBatch], ValueAndGradients>
  readonly options: GrpoOptions
  readonly step: number
  readonly rows: readonly number[]
  readonly rollout: GroupRollout
  readonly advantages: readonly number[]
}

/** One optimiser step on some rows of the rollout. */
async function update(
  { policy }: GrpoRun,
  { gradient, options, step, rows, rollout, advantages }: Update,
): Promise<Record<string, number>> {
  const { sequences, completions } = rollout
  const kept = rows.filter((row) => !options.maskTruncated || completions[row]!.finishReason === 'stop')
  if (kept.length === 0) return {} // every completion was cut: nothing to learn from
  const count = kept.reduce((total, row) => total + sequences[row]!.completion.length, 0)
  const microBatches = chunksByPrompt(kept, {
    size: options.microBatchSize,
    sequence: (row) => sequences[row]!,
  }).map((part): GroupBatch => {
    const time = paddedLength(part.map((row) => sequences[row]!))
    return {
      ...sequenceBatch(part.map((row) => sequences[row]!)),
      advantage: ndarray(
        part.map((row) => advantages[row]!),
        [part.length],
      ),
      oldLogp: rowsOf(rollout.oldLogp, part, { from: rollout.time, to: time }),
      referenceLogp: rowsOf(rollout.referenceLogp, part, { from: rollout.time, to: time }),
      sequences: rows.length,
      count,
    }
  })
  const result = await accumulatedGradient(gradient, policy.parameters, { microBatches })
  checkFinite(result, { step, rows: kept })
  const { gradientNorm, learningRate } = policy.optimizer.update(policy.parameters, result.gradients)
  return { loss: result.loss, ...result.stats, grad_norm: gradientNorm, learning_rate: learningRate }
}

/** Scores less β·Σ_t (log π_old − log π_ref), where the penalty is in the reward. */
function penalised({ scores, ...rollout }: GroupRollout, { rewardKlCoefficient }: GrpoOptions): number[] {
  if (rewardKlCoefficient === 0) return [...scores]
  const divergences = sequenceDivergences(rollout)
  return scores.map((score, row) => score - rewardKlCoefficient * divergences[row]!)
}

/** Σ_t (log π_old − log π_ref) over every completion. */
function sequenceDivergences({
  sequences,
  time,
  oldLogp,
  referenceLogp,
}: Omit<GroupRollout, 'scores'>): number[] {
  return sequences.map(({ prompt, completion }, row) => {
    const first = row * time + prompt.length - 1
    return completion.reduce((sum, _, t) => sum + oldLogp![first + t]! - referenceLogp![first + t]!, 0)
  })
}

/** The given rows of a [B, from] array, cut to `to` columns. */
function rowsOf(
  whole: Float32Array | undefined,
  rows: readonly number[],
  { from, to }: { from: number; to: number },
): NdArray | undefined {
  if (!whole) return undefined
  const data = new Float32Array(rows.length * to)
  for (const [i, row] of rows.entries()) data.set(whole.subarray(row * from, row * from + to), i * to)
  return ndarray(data, [rows.length, to])
}

function record(
  rollout: GroupRollout,
  {
    step,
    updates,
    options,
  }: { step: number; updates: readonly Record<string, number>[]; options: GrpoOptions },
): StepRecord {
  const { sequences, completions, scores } = rollout
  const average = scores.reduce((a, b) => a + b, 0) / scores.length
  const used = updates.filter((each) => 'loss' in each)
  const names = Object.keys(used[0] ?? {})
  return {
    step: step + 1,
    metrics: {
      reward: average,
      reward_std: standardDeviation(scores),
      frac_reward_zero_std: rollout.uniform,
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
