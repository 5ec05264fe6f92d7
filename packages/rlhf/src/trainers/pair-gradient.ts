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
import { atPositions, collision, packedLogProbs, tokenLogProbs } from '../rollout/forward.ts'
import { type PackedTokens, packedPrompts, packedTokens } from '../rollout/packed-prompts.ts'
import type { SequenceScores } from '../rollout/reference.ts'
import { lengthOf, type Sequence, type SequenceBatch, sequenceBatch } from '../rollout/sequences.ts'
import { accumulatedGradient, type BatchGradient } from './gradient.ts'

/** A chosen and a rejected completion of one prompt. */
export type SequencePair = readonly [chosen: Sequence, rejected: Sequence]

interface Completions {
  /** Σ_t log π_ref(y_t) and tokens [2P]: first of the chosen, then of the rejected. */
  readonly reference: NdArray
  readonly length: NdArray
  readonly weight: NdArray
}

type PaddedPairs = SequenceBatch & Completions

/** Some of a batch's pairs; the others have weight 0, so that every part has the shape [2P] of the batch. */
type PackedPairs = PackedTokens & Completions

/** What a direct loss on pairs is differentiated with. */
export interface PairGradientOptions {
  readonly loss: PairLoss
  /** Scale of the implicit rewards β·log π/π_ref in the metrics. */
  readonly beta: number
  /** Weights of completions, whose products weigh the pairs: `onPolicyWeight` is WPO. */
  readonly completionWeight?: ((tokens: PolicyTokens) => Tensor) | undefined
  /** Log-probabilities are taken at this temperature; default 1. */
  readonly temperature?: number
  /**
   * Packs pairs into rows of so many tokens, `microBatchSize` rows at a time; without it pairs are padded. Not for losses or weights that
   * look at several pairs or at tokens.
   */
  readonly packedLength?: number | undefined
  readonly device: Device
}

interface BatchOptions {
  readonly reference: SequenceScores
  readonly microBatchSize: number
}

/** Loss, metrics and gradient of a batch of pairs. */
export interface PairGradient {
  readonly of: (
    parameters: Parameters,
    pairs: readonly SequencePair[],
    options: BatchOptions,
  ) => Promise<BatchGradient>
  /** Asks the reference as `of` does, and no more. */
  readonly askReference: (pairs: readonly SequencePair[], options: BatchOptions) => Promise<void>
  readonly dispose: () => Promise<void>
}

/** Compiles a direct loss for a policy; a batch is cut into micro-batches of similar length, whose gradients add up. */
export function pairGradient(
  architecture: Architecture,
  { loss, beta, completionWeight, temperature = 1, packedLength, device }: PairGradientOptions,
): PairGradient {
  if (completionWeight && packedLength)
    throw new RangeError('completions that are weighed by their tokens cannot be packed')
  const packed = valueAndGrad<[PackedPairs]>(
    (weights, { reference, length, weight, ...batch }) => {
      const logp = packedLogProbs(architecture, weights, { ...batch, temperature })
      const [chosen, rejected] = halves({ logp, reference, length })
      return overPairs({ chosen, rejected, weight }, loss, beta)
    },
    { device },
  )
  const padded: Compiled<[Parameters, PaddedPairs], ValueAndGradients> = valueAndGrad<[PaddedPairs]>(
    (weights, { mask, reference, length, weight, ...batch }) => {
      const { logp, states } = tokenLogProbs(architecture, weights, { ...batch, temperature })
      const [chosen, rejected] = halves({ logp: logp.mul(mask).sum({ axes: 1 }), reference, length })
      const scored = { chosen, rejected, weight }
      if (!completionWeight) return overPairs(scored, loss, beta)
      const twice = atPositions(states, batch, collision(architecture, weights))
      const [better, worse] = inHalves(completionWeight({ logp, collision: twice, mask }))
      const product = better.mul(worse)
      const { loss: total, stats } = overPairs(scored, (c, r) => loss(c, r).mul(product), beta)
      return { loss: total, stats: { ...stats, 'weights/mean': product.mul(weight).sum() } }
    },
    { device },
  )
  const packedRows = (pairs: readonly SequencePair[], { reference, microBatchSize }: BatchOptions) =>
    packedPairs(pairs, { reference, width: packedLength!, size: microBatchSize })
  const paddedRows = async (pairs: readonly SequencePair[], { reference, microBatchSize }: BatchOptions) => {
    const microBatches: PaddedPairs[] = []
    for (const part of chunksByLength(pairs, { size: microBatchSize, length: longer }))
      microBatches.push(await directBatch(part, { reference, pairs: pairs.length }))
    return microBatches
  }
  return {
    of: async (parameters, pairs, options) =>
      packedLength
        ? accumulatedGradient(packed, parameters, { microBatches: await packedRows(pairs, options) })
        : accumulatedGradient(padded, parameters, { microBatches: await paddedRows(pairs, options) }),
    askReference: async (pairs, options) => {
      await (packedLength ? packedRows(pairs, options) : paddedRows(pairs, options))
    },
    dispose: async () => {
      await padded.dispose()
      await packed.dispose()
    },
  }
}

async function directBatch(
  part: readonly SequencePair[],
  { reference, pairs }: { reference: SequenceScores; pairs: number },
): Promise<PaddedPairs> {
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

async function packedPairs(
  pairs: readonly SequencePair[],
  { reference, ...options }: { reference: SequenceScores; width: number; size: number },
): Promise<PackedPairs[]> {
  const count = pairs.length
  const scores = await reference(pairs.flat())
  // both of a pair lie behind one prompt, and so in one part
  const rows = pairs.flatMap(([chosen, rejected]) => [chosen, { ...rejected, prompt: chosen.prompt }])
  // sequence 2i is the chosen one of pair i, 2i + 1 its rejected one
  const side = (row: number) => (row % 2) * count + (row >> 1)
  return packedPrompts(rows, options).map((part) => {
    // pairs of other parts have weight 0, and numbers at which every loss and gradient is finite
    const all = (value: number) => new Float32Array(2 * count).fill(value)
    const [sums, scored, length] = [all(-1), all(-1), all(1)]
    const weight = new Float32Array(count)
    for (const row of part.members) {
      sums[side(row)] = 0
      scored[side(row)] = scores[row]!
      length[side(row)] = rows[row]!.completion.length
      weight[row >> 1] = 1 / count
    }
    return {
      ...packedTokens(rows, part, { sums, numberOf: side }),
      reference: ndarray(scored, [2 * count]),
      length: ndarray(length, [2 * count]),
      weight: ndarray(weight, [count]),
    }
  })
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
