import type { Random } from '@attune/grad'

/** How a token is drawn from the model's distribution. */
export interface SamplingOptions {
  /** Takes the likeliest token. */
  readonly greedy?: boolean
  /** Only the k likeliest tokens may be drawn; 0 or undefined for all. */
  readonly topK?: number | undefined
  /** Only the likeliest tokens that together reach this probability may be drawn (nucleus, Holtzman et al. 2020). */
  readonly topP?: number | undefined
}

/** Draws a token from its probabilities [V]. Throws when they hold NaN. */
export function drawToken(probabilities: Float32Array, options: SamplingOptions, random: Random): number {
  const { greedy = false, topK = 0, topP = 1 } = options
  if (greedy) return largestIndex(probabilities)
  const count = probabilities.length
  const some = (topK > 0 && topK < count) || topP < 1
  const allowed = some ? likeliest(probabilities, topK > 0 ? topK : count, topP) : probabilities
  let total = 0
  for (let i = 0; i < count; i++) total += allowed[i]!
  refuseNaN(total)
  let rest = random.uniform() * total
  let last = 0
  for (let i = 0; i < count; i++) {
    if (allowed[i] === 0) continue
    last = i
    rest -= allowed[i]!
    if (rest < 0) return i
  }
  return last
}

/** Probabilities [V] when some tokens may not be drawn, from log-probabilities: those of the others may all be 0 in float32. */
export function without(tokens: readonly number[], logprobs: Float32Array): Float32Array {
  const allowed = logprobs.slice()
  for (const token of tokens) allowed[token] = Number.NEGATIVE_INFINITY
  const largest = allowed.reduce((most, logp) => Math.max(most, logp), Number.NEGATIVE_INFINITY)
  const weights = allowed.map((logp) => Math.exp(logp - largest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** The k likeliest tokens with their log-probabilities, the likeliest first; of equal ones the first. */
export function likeliestTokens(
  probabilities: Float32Array,
  k: number,
): { token: number; logprob: number }[] {
  const found: number[] = []
  for (let i = 0; k > 0 && i < probabilities.length; i++) {
    if (found.length === k && !(probabilities[i]! > probabilities[found[k - 1]!]!)) continue
    const place = found.findIndex((other) => probabilities[i]! > probabilities[other]!)
    found.splice(place < 0 ? found.length : place, 0, i)
    if (found.length > k) found.pop()
  }
  return found.map((token) => ({ token, logprob: Math.log(probabilities[token]!) }))
}

function refuseNaN(value: number): void {
  if (Number.isNaN(value)) throw new RangeError('the logits hold NaN or infinity: nothing can be sampled')
}

function largestIndex(weights: Float32Array): number {
  let best = 0
  let largest = weights[0]!
  for (let i = 1; i < weights.length; i++) {
    const weight = weights[i]!
    if (weight > largest) [best, largest] = [i, weight]
  }
  refuseNaN(largest)
  return best
}

/** The k likeliest, and of these the nucleus of mass p, with all others zero. */
function likeliest(weights: Float32Array, k: number, p: number): Float32Array {
  const order = Array.from(weights.keys()).sort((a, b) => weights[b]! - weights[a]! || a - b)
  const candidates = order.slice(0, k)
  const mass = candidates.reduce((sum, i) => sum + weights[i]!, 0)
  const kept = new Float32Array(weights.length)
  let reached = 0
  for (const [rank, i] of candidates.entries()) {
    if (rank > 0 && reached >= p * mass) break
    kept[i] = weights[i]!
    reached += weights[i]!
  }
  return kept
}
