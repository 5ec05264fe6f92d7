/** What happened in N environments over T steps, row-major [T, N]. */
export interface Experience {
  readonly rewards: Float32Array
  /** V(s_t). */
  readonly values: Float32Array
  /** V of the state that the step led to, before any reset. */
  readonly nextValues: Float32Array
  /** The task ended here: the value of what follows is 0. */
  readonly terminated: Uint8Array
  /** The episode ended here, by its task or by a limit. */
  readonly ended: Uint8Array
  readonly count: number
}

/**
 * Generalised advantage estimation over episodes that end within the batch (Schulman et al. 2016, eq. 16):
 * δ_t = r_t + γ V(s_{t+1})·[not terminated] − V(s_t), A_t = δ_t + γλ A_{t+1}·[not ended]. A truncated episode keeps the
 * value of the state that it was cut at (Pardo et al. 2018). Returns are A + V.
 */
export function episodicAdvantages(
  { rewards, values, nextValues, terminated, ended, count }: Experience,
  { gamma, lambda }: { readonly gamma: number; readonly lambda: number },
): { readonly advantages: Float32Array; readonly returns: Float32Array } {
  const advantages = new Float32Array(rewards.length)
  for (let at = rewards.length - 1; at >= 0; at--) {
    const delta = rewards[at]! + (terminated[at] ? 0 : gamma * nextValues[at]!) - values[at]!
    const next = ended[at] || at + count >= rewards.length ? 0 : advantages[at + count]!
    advantages[at] = delta + gamma * lambda * next
  }
  return { advantages, returns: advantages.map((advantage, i) => advantage + values[i]!) }
}
