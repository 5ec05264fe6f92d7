import {
  type Compiled,
  type Device,
  type NdArray,
  ndarray,
  type Parameters,
  type Tensor,
  type ValueAndGradients,
  valueAndGrad,
} from '@attune/grad'
import type { Architecture } from '@attune/lm'
import type { PolicyTokens } from '../objectives/direct/on-policy.ts'
import { overPairs, type PairLoss, type ScoredCompletions } from '../objectives/direct/pair.ts'
import { chunksByLength } from '../rollout/chunks.ts'
import { atPositions, collision, tokenLogProbs } from '../rollout/forward.ts'
import type { SequenceScores } from '../rollout/reference.ts'
import { lengthOf, type Sequence, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, type BatchGradient } from './gradient.ts'

/** A chosen and a rejected completion of one prompt. */
export type SequencePair = readonly [chosen: Sequence, rejected: Sequence]

interface DirectBatch extends SequenceBatch {
  /** Σ_t log π_ref(y_t) and tokens [2P]: first of the chosen, then of the rejected. */
  readonly reference: NdArray
  readonly length: NdArray
  readonly weight: NdArray
}

/** What a direct loss on pairs is differentiated with. */
export interface PairGradientOptions {
  readonly loss: PairLoss
  /** Scale of the implicit rewards β·log π/π_ref in the metrics. */
  readonly beta: number
  /** Weights of completions, whose products weigh the pairs: `onPolicyWeight` is WPO. */
  readonly completionWeight?: ((tokens: PolicyTokens) => Tensor) | undefined
  /** Log-probabilities are taken at this temperature; default 1. */
  readonly temperature?: number
  readonly device: Device
}

/** Loss, metrics and gradient of a batch of pairs. */
export interface PairGradient {
  readonly of: (
    parameters: Parameters,
    pairs: readonly SequencePair[],
    options: { reference: SequenceScores; microBatchSize: number },
  ) => Promise<BatchGradient>
  readonly dispose: () => Promise<void>
}

/** Compiles a direct loss for a policy; a batch is cut into micro-batches of similar length, whose gradients add up. */
export function pairGradient(
  architecture: Architecture,
  { loss, beta, completionWeight, temperature = 1, device }: PairGradientOptions,
): PairGradient {
  const program: Compiled<[Parameters, DirectBatch], ValueAndGradients> = valueAndGrad<[DirectBatch]>(
    (weights, { mask, reference, length, weight, ...batch }) => {
      const { logp, hidden } = tokenLogProbs(architecture, weights, { ...batch, temperature })
      const [chosen, rejected] = halves({ logp: logp.mul(mask).sum({ axes: 1 }), reference, length })
      const scored = { chosen, rejected, weight }
      if (!completionWeight) return overPairs(scored, loss, beta)
      const twice = atPositions(hidden, batch, collision(architecture, weights))
      const [better, worse] = inHalves(completionWeight({ logp, collision: twice, mask }))
      const product = better.mul(worse)
      const { loss: total, stats } = overPairs(scored, (c, r) => loss(c, r).mul(product), beta)
      return { loss: total, stats: { ...stats, 'weights/mean': product.mul(weight).sum() } }
    },
    { device },
  )
  return {
    of: async (parameters, pairs, { reference, microBatchSize }) => {
      const microBatches: DirectBatch[] = []
      for (const part of chunksByLength(pairs, { size: microBatchSize, length: longer }))
        microBatches.push(await directBatch(part, { reference, pairs: pairs.length }))
      return accumulatedGradient(program, parameters, { microBatches })
    },
    dispose: program.dispose,
  }
}

async function directBatch(
  part: readonly SequencePair[],
  { reference, pairs }: { reference: SequenceScores; pairs: number },
): Promise<DirectBatch> {
  const sequences = [...part.map(([chosen]) => chosen), ...part.map(([, rejected]) => rejected)]
  return {
    ...sequenceBatch(sequences),
    reference: ndarray([...(await reference(sequences))], [sequences.length]),
    length: ndarray(
      sequences.map(({ completion }) => completion.length),
      [sequences.length],
    ),
    weight: ndarray(new Float32Array(part.length).fill(1 / pairs), [part.length]),
  }
}

function longer(pair: SequencePair): number {
  return Math.max(...pair.map(lengthOf))
}

/** [2P] → chosen [P] and rejected [P]. */
function halves(both: ScoredCompletions): [ScoredCompletions, ScoredCompletions] {
  const [logp, reference, length] = [inHalves(both.logp), inHalves(both.reference), inHalves(both.length)]
  const side = (i: 0 | 1) => ({ logp: logp[i], reference: reference[i], length: length[i] })
  return [side(0), side(1)]
}

function inHalves(x: Tensor): [Tensor, Tensor] {
  const count = x.shape[0]! / 2
  return [x.slice(0, 0, count), x.slice(0, count)]
}
