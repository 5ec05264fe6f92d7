import type { Preference } from '../model/comparison.ts'

/** One comparison between two named competitors. */
export interface Contest {
  readonly between: readonly [string, string]
  readonly preferred: Preference
  /** How often it happened, 1 by default. */
  readonly weight?: number
}

interface Tally {
  readonly names: readonly string[]
  /** wins[i][j]: how often i beat j; ties and pairs of which both are bad count ½ for both. */
  readonly wins: readonly Float64Array[]
}

/**
 * Log-strengths θ with P(i ≻ j) = σ(θ_i − θ_j) of greatest likelihood, with mean 0, by minorise–maximise (Hunter
 * 2004, eq. 3). `prior` adds that many ties of everyone with everyone; without it, throws when some competitors never
 * lost to the others, for then no maximum exists.
 */
export function bradleyTerryStrengths(
  contests: readonly Contest[],
  {
    prior = 0,
    tolerance = 1e-10,
    iterations = 10_000,
  }: { prior?: number; tolerance?: number; iterations?: number } = {},
): Map<string, number> {
  const tally = tallyOf(contests, prior)
  assertConnected(tally)
  let strengths = new Float64Array(tally.names.length).fill(1)
  for (let iteration = 0; iteration < iterations; iteration++) {
    const next = improve(tally, strengths)
    const change = next.reduce(
      (most, value, i) => Math.max(most, Math.abs(Math.log(value / strengths[i]!))),
      0,
    )
    strengths = next
    if (change < tolerance) break
  }
  return new Map(tally.names.map((name, i) => [name, Math.log(strengths[i]!)]))
}

/** π_i ← W_i / Σ_j n_ij / (π_i + π_j), scaled to geometric mean 1. */
function improve({ wins }: Tally, strengths: Float64Array): Float64Array<ArrayBuffer> {
  const next = strengths.map((own, i) => {
    let won = 0
    let expected = 0
    for (let j = 0; j < strengths.length; j++) {
      won += wins[i]![j]!
      expected += (wins[i]![j]! + wins[j]![i]!) / (own + strengths[j]!)
    }
    return won / expected
  })
  const scale = Math.exp(next.reduce((total, value) => total + Math.log(value), 0) / next.length)
  return Float64Array.from(next, (value) => value / scale)
}

function tallyOf(contests: readonly Contest[], prior: number): Tally {
  const names = [...new Set(contests.flatMap(({ between }) => between))]
  if (names.length < 2) throw new RangeError('Bradley–Terry needs comparisons between at least 2 competitors')
  const index = new Map(names.map((name, i) => [name, i]))
  const wins = names.map((_, i) => Float64Array.from(names, (_, j) => (i === j ? 0 : prior / 2)))
  for (const { between, preferred, weight = 1 } of contests) {
    const [first, second] = [index.get(between[0])!, index.get(between[1])!]
    if (first === second) throw new RangeError(`'${between[0]}' is compared with itself`)
    const share = typeof preferred === 'string' ? 0.5 : 1 - preferred
    wins[first]![second]! += weight * share
    wins[second]![first]! += weight * (1 - share)
  }
  return { names, wins }
}

/** Ford's condition (1957): from anyone one can reach anyone along wins. */
function assertConnected({ names, wins }: Tally): void {
  const beats = (i: number, j: number) => wins[i]![j]! > 0
  for (const edge of [beats, (i: number, j: number) => beats(j, i)]) {
    const reached = new Set([0])
    for (const from of reached) {
      for (let to = 0; to < names.length; to++) if (edge(from, to)) reached.add(to)
    }
    const missed = names.find((_, i) => !reached.has(i))
    if (missed !== undefined)
      throw new RangeError(
        `Bradley–Terry has no finite answer: no chain of wins leads both ways between '${names[0]}' and '${missed}'; collect more comparisons or give a prior`,
      )
  }
}
