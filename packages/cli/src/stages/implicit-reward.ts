import { mean } from '@attune/feedback'
import type { Device } from '@attune/grad'
import type { Model } from '@attune/lm'
import { type Sequence, type SequenceScores, sequenceLogProbs } from '@attune/rlhf'

/** log π/π_ref of every sequence, whose β-fold is the implicit reward. */
export async function logRatios(
  sequences: readonly Sequence[],
  { policy, reference }: { policy: SequenceScores; reference: SequenceScores },
): Promise<number[]> {
  if (sequences.length === 0) return []
  const [ours, theirs] = [await policy(sequences), await reference(sequences)]
  return ours.map((logp, i) => logp - theirs[i]!)
}

/** Share of pairs (better, worse) whose better has the higher value, ties counting ½; undefined without pairs. */
export function implicitAccuracy(pairs: readonly (readonly [number, number])[]): number | undefined {
  if (pairs.length === 0) return undefined
  return mean(pairs.map(([better, worse]) => (better > worse ? 1 : better === worse ? 0.5 : 0)))
}

/** log π/π_ref of sequences sampled from π, whose mean is an unbiased estimate of the KL in nats. */
export async function sequenceKl(
  policy: Model,
  reference: Model,
  {
    sequences,
    ...options
  }: { sequences: readonly Sequence[]; device: Device; temperature: number; batchSize?: number },
): Promise<number[]> {
  const scores = {
    policy: sequenceLogProbs(policy, options),
    reference: sequenceLogProbs(reference, options),
  }
  const ratios = await logRatios(sequences, scores)
  await scores.policy.dispose()
  await scores.reference.dispose()
  return ratios
}
