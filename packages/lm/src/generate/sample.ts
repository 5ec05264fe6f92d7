import type { Random } from '@attune/grad'

/** How a token is drawn from the logits. */
export interface SamplingOptions {
  /** Logits are divided by this; 0 takes the likeliest token. */
  readonly temperature: number
  /** Only the k likeliest tokens may be drawn; 0 or undefined for all. */
  readonly topK?: number | undefined
  /** Only the likeliest tokens that together reach this probability may be drawn (nucleus, Holtzman et al. 2020). */
  readonly topP?: number | undefined
  /** A token that may not be drawn now (EOS before `minNewTokens`). */
  readonly forbidden?: number | undefined
}

/** A drawn token with its log-probability and the entropy, both of the whole distribution at the temperature. */
export interface Draw {
  readonly token: number
  readonly logprob: number
  readonly entropy: number
}

/** Draws a token. At temperature 0 the log-probability is that of temperature 1. */
export function drawToken(logits: Float32Array, options: SamplingOptions, random: Random): Draw {
  const scale = options.temperature === 0 ? 1 : 1 / options.temperature
  let largest = -Infinity
  for (let i = 0; i < logits.length; i++) if (logits[i]! > largest) largest = logits[i]!
  const weights = new Float64Array(logits.length)
  let total = 0
  let weighted = 0
  for (let i = 0; i < logits.length; i++) {
    const shifted = (logits[i]! - largest) * scale
    const weight = Math.exp(shifted)
    weights[i] = weight
    total += weight
    if (weight > 0) weighted += weight * shifted
  }
  if (!Number.isFinite(total)) throw new RangeError(`the logits hold NaN or infinity: nothing can be sampled`)
  const token = choose(weights, options, random)
  // H = log Z − Σ p·logit
  return {
    token,
    logprob: (logits[token]! - largest) * scale - Math.log(total),
    entropy: Math.log(total) - weighted / total,
  }
}

function choose(weights: Float64Array, options: SamplingOptions, random: Random): number {
  const { temperature, topK = 0, topP = 1, forbidden } = options
  if (forbidden !== undefined) weights[forbidden] = 0
  if (temperature === 0) return largestIndex(weights)
  if ((topK > 0 && topK < weights.length) || topP < 1)
    keepLikeliest(weights, topK > 0 ? topK : weights.length, topP)
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]!
  let rest = random.uniform() * total
  let last = 0
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue
    last = i
    rest -= weights[i]!
    if (rest < 0) return i
  }
  return last
}

function largestIndex(weights: Float64Array): number {
  let best = 0
  for (let i = 1; i < weights.length; i++) if (weights[i]! > weights[best]!) best = i
  return best
}

/** Sets the weights outside the k likeliest, and outside the nucleus of mass p among them, to zero. */
function keepLikeliest(weights: Float64Array, k: number, p: number): void {
  const order = Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b)
  const candidates = order.slice(0, k)
  const mass = candidates.reduce((sum, i) => sum + weights[i]!, 0)
  let kept = 0
  let reached = 0
  while (kept < candidates.length && (kept === 0 || reached < p * mass))
    reached += weights[candidates[kept++]!]!
  for (const i of order.slice(kept)) weights[i] = 0
}
