import { type Bootstrap, membersOf } from './bootstrap.ts'
import type { LabelledPair } from './labels.ts'
import { preferenceOf } from './objective.ts'

/** A member's loss on its own pairs, and on those it never saw. */
export interface MemberLosses {
  readonly own: number
  readonly unseen: number
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
    const chosen = membersOf(sample, e)
    return {
      own: average(losses.filter((_, i) => chosen[i]! > 0)),
      unseen: average(losses.filter((_, i) => chosen[i] === 0)),
    }
  })
  const decided = pairs.flatMap(({ target }, i) => (target === 0.5 ? [] : [{ target, i }]))
  const gap = (i: number) => average(returns.map((sums) => sums[2 * i]! - sums[2 * i + 1]!))
  const unseenBy = (i: number) => returns.map((_, e) => e).filter((e) => membersOf(sample, e)[i] === 0)
  const heldOut = decided.flatMap(({ target, i }) =>
    unseenBy(i).map((e) => Number(returns[e]![2 * i]! - returns[e]![2 * i + 1]! > 0 === target > 0.5)),
  )
  return {
    members,
    metrics: {
      'reward/loss': average(members.map(({ own }) => own)),
      'reward/validation_loss': average(members.map(({ unseen }) => unseen)),
      ...(decided.length > 0 && {
        'reward/accuracy': average(decided.map(({ target, i }) => Number(gap(i) > 0 === target > 0.5))),
      }),
      ...(heldOut.length > 0 && { 'reward/validation_accuracy': average(heldOut) }),
    },
  }
}

/** Keeps each member's loss on unseen pairs at 1.1 to 1.5 times its own (appendix A.1): more decay above, less below. */
export function adaptDecay(decay: Float32Array, members: readonly MemberLosses[]): void {
  for (const [e, { own, unseen }] of members.entries()) {
    if (unseen > 1.5 * own) decay[e]! *= 1.5
    else if (unseen < 1.1 * own) decay[e]! /= 1.5
    decay[e] = Math.min(Math.max(decay[e]!, 1e-7), 1e-2)
  }
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length
}
