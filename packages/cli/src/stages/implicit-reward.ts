import { mean } from '@attune/feedback'
import type { Sequence, SequenceScores } from '@attune/rlhf'

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
