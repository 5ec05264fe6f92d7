import { type Device, type Parameters, type Tensor, value } from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { tokenLogProbs } from './forward.ts'
import { type Sequence, type SequenceBatch, sequenceBatch } from './sequences.ts'
import { scoreByPrompt } from './shared-prompts.ts'

/** Σ_t log π(y_t) of every completion under a model that is not trained. */
export type SequenceScores = (sequences: readonly Sequence[]) => Promise<readonly number[]>

/** Scores of a frozen model at a temperature; call `dispose` when done. */
export function sequenceLogProbs(
  { architecture, parameters }: { architecture: Architecture; parameters: Parameters },
  { device, temperature = 1, batchSize = 64 }: { device: Device; temperature?: number; batchSize?: number },
): SequenceScores & { readonly dispose: () => Promise<void> } {
  const program = value<[Parameters, SequenceBatch], Tensor>(
    (weights, { mask, ...batch }) =>
      tokenLogProbs(architecture, weights, { ...batch, temperature })
        .logp.mul(mask)
        .sum({ axes: 1 }),
    { device },
  )
  const scores: SequenceScores = (sequences) =>
    scoreByPrompt(sequences, batchSize, async (rows) => (await program(parameters, sequenceBatch(rows))).data)
  return Object.assign(scores, { dispose: program.dispose })
}

/** Every sequence (the same object) is scored once, however often it is asked for. */
export function remembered(scores: SequenceScores): SequenceScores {
  const known = new WeakMap<Sequence, number>()
  return async (sequences) => {
    const fresh = sequences.filter((sequence) => !known.has(sequence))
    const found = fresh.length > 0 ? await scores(fresh) : []
    for (const [i, sequence] of fresh.entries()) known.set(sequence, found[i]!)
    return sequences.map((sequence) => known.get(sequence)!)
  }
}

/** For losses without a reference: log π_ref = 0. */
export const noReference: SequenceScores = async (sequences) => sequences.map(() => 0)
