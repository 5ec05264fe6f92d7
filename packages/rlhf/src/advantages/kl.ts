/**
 * Per-token estimates of KL(π ‖ π_ref) from d = log π − log π_ref of sampled tokens (Schulman 2020, "Approximating KL
 * divergence"): k1 = d is unbiased, k2 = d²/2 has less variance, k3 = e^(−d) − 1 + d is unbiased and never negative.
 */
export const klEstimators = {
  k1: (d: number): number => d,
  k2: (d: number): number => 0.5 * d * d,
  k3: (d: number): number => Math.expm1(-d) + d,
} as const

/** A KL coefficient that may adapt; `state` is what must be saved to go on. */
export interface KlController {
  readonly coefficient: () => number
  /** Takes the measured KL (nats per sequence) of `samples` episodes. */
  readonly update: (kl: number, samples: number) => void
  readonly restore: (coefficient: number) => void
}

/** The same coefficient for ever. */
export function fixedKl(coefficient: number): KlController {
  return { coefficient: () => coefficient, update: () => {}, restore: () => {} }
}

/** β ← β·(1 + clip(KL/target − 1, ±0.2)·n/horizon) (Ziegler et al. 2019, fine-tuning details). */
export function adaptiveKl({
  initial,
  target,
  horizon = 10_000,
}: {
  initial: number
  target: number
  horizon?: number
}): KlController {
  let beta = initial
  return {
    coefficient: () => beta,
    update: (kl, samples) => {
      const error = Math.min(Math.max(kl / target - 1, -0.2), 0.2)
      beta *= 1 + (error * samples) / horizon
    },
    restore: (coefficient) => {
      beta = coefficient
    },
  }
}

/** PPO-Penalty's rule: β/2 when KL < target/1.5, 2β when KL > 1.5·target (Schulman et al. 2017, adaptive KL penalty coefficient). */
export function doublingKl({ initial, target }: { initial: number; target: number }): KlController {
  let beta = initial
  return {
    coefficient: () => beta,
    update: (kl) => {
      if (kl < target / 1.5) beta /= 2
      else if (kl > target * 1.5) beta *= 2
    },
    restore: (coefficient) => {
      beta = coefficient
    },
  }
}
