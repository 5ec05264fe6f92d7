import type { Tensor } from '@attune/grad'

/** Values Q [B, A] of a batch of states, the actions taken [B, 1] (int32), and how much each row counts [B]. */
export interface ValuedActions {
  readonly values: Tensor
  readonly actions: Tensor
  readonly weight: Tensor
}

/** Q(s, a) of the actions taken [B]. */
function taken({ values, actions }: ValuedActions): Tensor {
  return values.takeAlongAxis(actions, 1).squeeze(1)
}

/**
 * Σ w·h(Q(s, a) − y)/B with Huber's h(e) = ½e² within ±1 and |e| − ½ beyond (Mnih et al. 2015, algorithm 1). Targets y [B] are
 * constants.
 */
export function temporalDifferenceLoss(batch: ValuedActions & { readonly targets: Tensor }): Tensor {
  const error = taken(batch).sub(batch.targets).abs()
  const near = error.minimum(1)
  return near
    .mul(error.sub(near.mul(0.5)))
    .mul(batch.weight)
    .mean()
}

/**
 * Σ w·(max_a [Q(s, a) + m·1(a ≠ a_E)] − Q(s, a_E))/B: what a demonstrator did must be worth more, by the margin m, than
 * anything else (Hester et al. 2018, J_E).
 */
export function largeMarginLoss(batch: ValuedActions, margin: number): Tensor {
  const { values, actions, weight } = batch
  const chosen = actions.squeeze(1).oneHot(values.shape[1]!)
  const rivals = values.add(chosen.neg().add(1).mul(margin))
  return rivals.max({ axes: 1 }).sub(taken(batch)).mul(weight).mean()
}

/** y = r + γ (1 − done) Q̄(s′, argmax_a Q(s′, a)) [B]: double Q-learning (van Hasselt et al. 2016, eq. 4). */
export function doubleTargets({
  values,
  slowValues,
  rewards,
  terminated,
  gamma,
}: {
  /** Q(s′, ·) and Q̄(s′, ·) [B, A]. */
  readonly values: Tensor
  readonly slowValues: Tensor
  readonly rewards: Tensor
  readonly terminated: Tensor
  readonly gamma: number
}): Tensor {
  const best = values.argmax(1).expandDims(1)
  const ahead = slowValues.takeAlongAxis(best, 1).squeeze(1)
  return rewards.add(ahead.mul(terminated.neg().add(1)).mul(gamma))
}

/** Q = V + A − mean A [B, A] of values [B] and advantages [B, A] (Wang et al. 2016, eq. 9). */
export function duelingValues({
  values,
  heads,
}: {
  readonly values: Tensor
  readonly heads: Tensor
}): Tensor {
  return heads.sub(heads.mean({ axes: 1, keepDims: true })).add(values.expandDims(1))
}
