import type { Bootstrap } from './bootstrap.ts'
import type { LabelledPair } from './labels.ts'
import { preferenceOf } from './objective.ts'

/** A member's loss on its own pairs, and on those it never saw, where there are any. */
export interface MemberLosses {
  readonly own: number | undefined
  readonly unseen: number | undefined
}

/** Loss of each member on its own pairs and on those it never saw; accuracy of the ensemble, of pairs that are no ties. */
export function scoreFit(
  returns: readonly Float32Array[],
  { pairs, sample, lapse }: { pairs: readonly LabelledPair[]; sample: Bootstrap; lapse: number },
): { members: MemberLosses[]; metrics: Record<string, number> } {
  const lossOf = (gap: number, target: number) =>
    -target * Math.log(preferenceOf(gap, lapse) + 1e-12) -
    (1 - target) * Math.log(preferenceOf(-gap, lapse) + 1e-12)
  const members = returns.map((sums, e) => {
    const losses = pairs.map(({ target }, i) => lossOf(sums[2 * i]! - sums[2 * i + 1]!, target))
    const chosen = sample.counts[e]!
    return {
      own: averageOf(losses.filter((_, i) => chosen[i]! > 0)),
      unseen: averageOf(losses.filter((_, i) => chosen[i] === 0)),
    }
  })
  const decided = pairs.flatMap(({ target }, i) => (target === 0.5 ? [] : [{ target, i }]))
  const gap = (i: number) => averageOf(returns.map((sums) => sums[2 * i]! - sums[2 * i + 1]!))!
  const unseenBy = (i: number) => returns.map((_, e) => e).filter((e) => sample.counts[e]![i] === 0)
  const heldOut = decided.flatMap(({ target, i }) =>
    unseenBy(i).map((e) => Number(returns[e]![2 * i]! - returns[e]![2 * i + 1]! > 0 === target > 0.5)),
  )
  return {
    members,
    metrics: known({
      'reward/loss': averageOf(members.flatMap(({ own }) => own ?? [])),
      'reward/validation_loss': averageOf(members.flatMap(({ unseen }) => unseen ?? [])),
      'reward/accuracy': averageOf(decided.map(({ target, i }) => Number(gap(i) > 0 === target > 0.5))),
      'reward/validation_accuracy': averageOf(heldOut),
    }),
  }
}

/**
 * Keeps each member's loss on unseen pairs at 1.1 to 1.5 times its own (appendix A.1): more decay above, less below, within
 * 1e-7 to 0.01. Nothing changes for a member that lacks either loss, or has no decay.
 */
export function adaptDecay(decay: Float32Array, members: readonly MemberLosses[]): void {
  for (const [e, { own, unseen }] of members.entries()) {
    if (own === undefined || unseen === undefined || decay[e] === 0) continue
    if (unseen > 1.5 * own) decay[e]! *= 1.5
    else if (unseen < 1.1 * own) decay[e]! /= 1.5
    decay[e] = Math.min(Math.max(decay[e]!, 1e-7), 1e-2)
  }
}

function averageOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length
}

/** Those that have a value. */
function known(metrics: Readonly<Record<string, number | undefined>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
