import { type NdArray, ndarray, type Tensor, valueAndGrad } from '@attune/grad'
import type { ScoredCompletions } from '../objectives/direct/pair.ts'
import { exploratory } from '../objectives/online/exploratory.ts'
import { chunksOf } from '../rollout/chunks.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import { remembered, type SequenceScores, sequenceLogProbs } from '../rollout/reference.ts'
import { sampler } from '../rollout/sampler.ts'
import { type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, descend } from './gradient.ts'
import {
  type Draw,
  draw,
  drawMetrics,
  drawSamples,
  type OnlineOptions,
  type OnlineRun,
  opponentOf,
} from './online-options.ts'
import type { StepRecord } from './types.ts'

interface ExploratoryRows extends SequenceBatch {
  /** Σ_t log π_ref(y_t) and tokens [2P]: first of the policy's completions, then of the reference's. */
  readonly reference: NdArray
  readonly length: NdArray
  readonly ownWins: NdArray
  readonly weight: NdArray
}

/**
 * Exploratory preference optimisation (XPO, Xie et al. 2024): the policy's completion is compared with the
 * reference's, and what the reference writes becomes less likely by α.
 */
export async function* xpo(
  run: OnlineRun,
  options: OnlineOptions & {
    /** α: the weight of optimism. */
    readonly alpha: number
  },
): AsyncGenerator<StepRecord> {
  const { policy } = run
  const { device, temperature } = options
  const frozen = sequenceLogProbs(run.reference, {
    device,
    temperature,
    batchSize: 2 * options.microBatchSize,
  })
  const gradient = valueAndGrad<[ExploratoryRows]>(
    (weights, { mask, reference, length, ownWins, weight, ...batch }) => {
      const { logp } = tokenLogProbs(policy.architecture, weights, { ...batch, temperature })
      const all = { logp: logp.mul(mask).sum({ axes: 1 }), reference, length }
      const [own, sampled] = [side(all, 0), side(all, 1)]
      return exploratory({ own, sampled, ownWins, weight }, { ...options, loss: run.loss })
    },
    { device },
  )
  const [actor, other] = [sampler(policy, { device }), sampler(run.reference, { device })]
  try {
    for (let step = options.start ?? 0; step < options.steps; step++) {
      const own = await draw(run, { actor, source: 'rollout', step, options })
      const sampled = await draw(opponentOf(run), { actor: other, source: 'reference', step, options })
      const reference = remembered(frozen)
      const metrics = await drawMetrics(own, reference)
      const rows = [...own.sequences.keys()]
      const microBatches: ExploratoryRows[] = []
      for (const part of chunksOf(rows, options.microBatchSize))
        microBatches.push(await exploratoryRows(part, { own, sampled, reference }))
      const result = await accumulatedGradient(gradient, policy.parameters, { microBatches })
      const { gradientNorm, learningRate } = descend(policy, result, { step, rows })
      const wins = rows.filter((row) => own.scores[row]! > sampled.scores[row]!).length
      yield {
        step: step + 1,
        metrics: {
          ...metrics,
          'objective/win_rate': wins / rows.length,
          loss: result.loss,
          ...result.stats,
          grad_norm: gradientNorm,
          learning_rate: learningRate,
        },
        samples: drawSamples(own),
      }
    }
  } finally {
    await actor.dispose()
    await other.dispose()
    await gradient.dispose()
    await frozen.dispose()
  }
}

async function exploratoryRows(
  rows: readonly number[],
  { own, sampled, reference }: { own: Draw; sampled: Draw; reference: SequenceScores },
): Promise<ExploratoryRows> {
  const sequences = [own, sampled].flatMap((one) => rows.map((row) => one.sequences[row]!))
  const shape = [rows.length]
  return {
    ...sequenceBatch(sequences),
    reference: ndarray([...(await reference(sequences))], [sequences.length]),
    length: ndarray(
      sequences.map(({ completion }) => completion.length),
      [sequences.length],
    ),
    ownWins: ndarray(
      rows.map((row) => Number(own.scores[row]! >= sampled.scores[row]!)),
      shape,
    ),
    weight: ndarray(new Float32Array(rows.length).fill(1 / own.sequences.length), shape),
  }
}

/** [2P] → the first or the second half. */
function side(all: ScoredCompletions, half: 0 | 1): ScoredCompletions {
  const count = all.logp.shape[0]! / 2
  const part = (x: Tensor) => x.slice(0, half * count, (half + 1) * count)
  return { logp: part(all.logp), reference: part(all.reference), length: part(all.length) }
}
