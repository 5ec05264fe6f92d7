/** Per-token quantities of a batch, row-major [B, T] with their mask (1 where an action was taken). */
export interface Trajectories {
  readonly rewards: Float32Array
  readonly values: Float32Array
  readonly mask: Float32Array
  readonly time: number
}

/**
 * Generalised advantage estimation (Schulman et al. 2016): δ_t = r_t + γV_{t+1} − V_t, A_t = δ_t + γλA_{t+1};
 * the value after the last action is 0. Returns are A + V, before any whitening.
 */
export function generalisedAdvantages(
  { rewards, values, mask, time }: Trajectories,
  { gamma, lambda }: { gamma: number; lambda: number },
): { advantages: Float32Array; returns: Float32Array } {
  const advantages = new Float32Array(rewards.length)
  const returns = new Float32Array(rewards.length)
  for (let end = rewards.length; end > 0; end -= time) {
    let nextValue = 0
    let nextAdvantage = 0
    for (let t = end - 1; t >= end - time; t--) {
      if (mask[t] === 0) continue
      const delta = rewards[t]! + gamma * nextValue - values[t]!
      nextAdvantage = delta + gamma * lambda * nextAdvantage
      nextValue = values[t]!
      advantages[t] = nextAdvantage
      returns[t] = nextAdvantage + values[t]!
    }
  }
  return { advantages, returns }
}

/** (x − mean)/√(variance + 1e-8) over the masked elements, 0 elsewhere; the variance has Bessel's correction. */
export function whiten(x: Float32Array, mask: Float32Array, { shiftMean = true } = {}): Float32Array {
  let count = 0
  let total = 0
  for (let i = 0; i < x.length; i++) {
    count += mask[i]!
    total += mask[i]! * x[i]!
  }
  const mean = total / Math.max(count, 1)
  let squares = 0
  for (let i = 0; i < x.length; i++) squares += mask[i]! * (x[i]! - mean) ** 2
  const scale = 1 / Math.sqrt(squares / Math.max(count - 1, 1) + 1e-8)
  return x.map((element, i) => (mask[i] === 0 ? 0 : (element - mean) * scale + (shiftMean ? 0 : mean)))
}
