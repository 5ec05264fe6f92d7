import { type Device, type Parameters, type Tensor, value } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { packedLogProbs, tokenLogProbs } from './forward.ts'
import { type PackedPart, type PackedTokens, packedTokens, scorePacked, sumsOf } from './packed-prompts.ts'
import { type Sequence, type SequenceBatch, sequenceBatch } from './sequences.ts'
import { scoreByPrompt } from './shared-prompts.ts'

/** Σ_t log π(y_t) of every completion under a model that is not trained. */
export interface SequenceScores {
  (sequences: readonly Sequence[]): Promise<readonly number[]>
  /**
   * Gives what it gave before. The last bits of a score are of the batch that it was first asked in, so a run that goes on asks
   * again as it did until then.
   */
  readonly remembers?: true
}

/** How many sequences are scored at one time. */
export interface ScoringBatches {
  /** Padded sequences, or packed rows. */
  readonly batchSize?: number
  /** Packs sequences into rows of so many tokens; without it they are padded. */
  readonly packedLength?: number | undefined
}

/** Scores of a frozen model at a temperature; call `dispose` when done. */
export function sequenceLogProbs(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  {
    device,
    temperature = 1,
    batchSize = 64,
    packedLength,
  }: ScoringBatches & { device: Device; temperature?: number },
): SequenceScores & { readonly dispose: () => Promise<void> } {
  const padded = value<[Parameters, SequenceBatch], Tensor>(
    (weights, { mask, ...batch }) =>
      tokenLogProbs(architecture, weights, { ...batch, temperature })
        .logp.mul(mask)
        .sum({ axes: 1 }),
    { device },
  )
  const packed = value<[Parameters, PackedTokens], Tensor>(
    (weights, batch) => packedLogProbs(architecture, weights, { ...batch, temperature }),
    { device },
  )
  const scorePart = async (sequences: readonly Sequence[], part: PackedPart) => {
    const place = new Map(part.members.map((row, i) => [row, i]))
    const tokens = packedTokens(sequences, part, {
      sums: new Float32Array(sumsOf(part)),
      numberOf: (row) => place.get(row)!,
    })
    return (await packed(parameters, tokens)).data
  }
  const scores: SequenceScores = (sequences) =>
    packedLength
      ? scorePacked(sequences, { width: packedLength, size: batchSize }, (part) => scorePart(sequences, part))
      : scoreByPrompt(
          sequences,
          batchSize,
          async (rows) => (await padded(parameters, sequenceBatch(rows))).data,
        )
  return Object.assign(scores, {
    dispose: async () => {
      await padded.dispose()
      await packed.dispose()
    },
  })
}
/** Every sequence (the same object) is scored once, however often it is asked for. */
export function remembered(scores: SequenceScores): SequenceScores {
  const known = new WeakMap<Sequence, number>()
  const scored = async (sequences: readonly Sequence[]) => {
    const fresh = sequences.filter((sequence) => !known.has(sequence))
    const found = fresh.length > 0 ? await scores(fresh) : []
    for (const [i, sequence] of fresh.entries()) known.set(sequence, found[i]!)
    return sequences.map((sequence) => known.get(sequence)!)
  }
  return Object.assign(scored, { remembers: true as const })
}

/** For losses without a reference: log π_ref = 0. */
export const noReference: SequenceScores = async (sequences) => sequences.map(() => 0)
