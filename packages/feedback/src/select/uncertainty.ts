const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/**
 * How unsure a reward model is about the best of some completions: 1 − |2P − 1| with P = σ(difference of the two highest
 * scores). 1 is a coin, 0 is certain; 0 with fewer than two scores.
 */
export function scoreUncertainty(scores: readonly number[]): number {
  if (scores.length < 2) return 0
  const [first, second] = [...scores].sort((a, b) => b - a)
  return 2 * (1 - sigmoid(first! - second!))
}

/**
 * How much an ensemble disagrees: the standard deviation over its members of P(first ≻ second) = σ(s_1 − s_2), the largest
 * over all pairs (Christiano et al. 2017, §2.2.4). `members[c][m]` is member m's score of completion c.
 */
export function ensembleDisagreement(members: readonly (readonly number[])[]): number {
  let most = 0
  for (const [i, first] of members.entries()) {
    for (const second of members.slice(i + 1)) {
      if (first.length !== second.length || first.length === 0)
        throw new RangeError(
          `members scored ${first.length} and ${second.length} times, expected equally often`,
        )
      const chances = first.map((score, m) => sigmoid(score - second[m]!))
      const centre = chances.reduce((a, b) => a + b, 0) / chances.length
      const variance = chances.reduce((total, p) => total + (p - centre) ** 2, 0) / chances.length
      most = Math.max(most, Math.sqrt(variance))
    }
  }
  return most
}
