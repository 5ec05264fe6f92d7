import type { Tensor } from '@attune/grad'
import type { Objective } from '../objective.ts'

/** Completions of the policy: log π and log π_ref of their tokens [B, T], where they are, and how likely each is preferred [B]. */
export interface NashBatch {
  readonly logp: Tensor
  readonly referenceLogp: Tensor
  readonly mask: Tensor
  /** P(y ≻ y′), y′ of the geometric mixture. */
  readonly probability: Tensor
  /** Completions of the whole batch: scalar. */
  readonly sequences: Tensor
}

/**
 * Nash-MD: −E (P(y ≻ y′) − ½) log π(y) + β E Σ_t sg(log π/π_ref) log π(y_t), the policy gradient towards the Nash equilibrium of a
 * preference model (Munos et al. 2023).
 */
export function nashMirrorDescent(
  { logp, referenceLogp, mask, probability, sequences }: NashBatch,
  { beta }: { beta: number },
): Objective {
  const mean = (perSequence: Tensor) => perSequence.sum().div(sequences)
  const ratio = logp.sub(referenceLogp).mul(mask).stopGradient()
  const score = probability.sub(0.5).mul(logp.mul(mask).sum({ axes: 1 }))
  const penalty = ratio.mul(logp).mul(mask).sum({ axes: 1 })
  return {
    loss: mean(penalty.mul(beta).sub(score)),
    stats: {
      'loss/score': mean(score),
      'objective/kl': mean(ratio.sum({ axes: 1 })),
      'rewards/probabilities': mean(probability),
    },
  }
}
