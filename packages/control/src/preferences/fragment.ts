import { type Random, randomKey } from '@attune/grad'
import { type ClipPair, clipPlaces, type RecordedRollout } from './clip.ts'
import { preferenceOf } from './objective.ts'
import type { RewardLearner } from './reward-learner.ts'

/** Chooses pairs of clips to ask about; `iteration` keys its random numbers. */
export type Fragmenter = (
  rollouts: readonly RecordedRollout[],
  count: number,
  iteration: number,
) => Promise<readonly ClipPair[]>

/** What pairs are cut from. */
export interface FragmenterOptions {
  readonly seed: number
  /** Steps of a clip; 1 to 2 seconds in the paper. */
  readonly length: number
}

/** Pairs of different clips drawn uniformly, none twice. Returns fewer, down to none, where rollouts are too short. */
export function randomPairs({ seed, length }: FragmenterOptions): Fragmenter {
  return async (rollouts, count, iteration) =>
    drawPairs(rollouts, { count, length, random: randomKey(seed, 'pairs', iteration) })
}

/**
 * Of `factor` (10) times as many random pairs, those about which the ensemble disagrees most: highest variance over members of
 * P̂[1 ≻ 2] (Christiano et al. 2017, §2.2.4). Before the first fit members differ by chance alone, and so pairs are random.
 */
export function disagreementPairs(
  rewards: Pick<RewardLearner, 'returns' | 'fitted'>,
  { factor = 10, ...options }: FragmenterOptions & { readonly factor?: number },
): Fragmenter {
  const random = randomPairs(options)
  return async (rollouts, count, iteration) => {
    if (!rewards.fitted()) return random(rollouts, count, iteration)
    const candidates = await random(rollouts, factor * count, iteration)
    const returns = await rewards.returns(candidates.flat())
    const disagreement = candidates.map((_, i) =>
      variance(returns.map((member) => preferenceOf(member[2 * i]! - member[2 * i + 1]!, 0))),
    )
    return candidates
      .map((pair, i) => ({ pair, variance: disagreement[i]! }))
      .sort((a, b) => b.variance - a.variance)
      .slice(0, count)
      .map(({ pair }) => pair)
  }
}

function drawPairs(
  rollouts: readonly RecordedRollout[],
  { count, length, random }: { count: number; length: number; random: Random },
): ClipPair[] {
  const places = clipPlaces(rollouts, length)
  if (places.count < 2) return []
  const drawn = new Map<string, readonly [number, number]>()
  for (let i = 0; i < count; i++) {
    const first = random.int(places.count)
    const second = (first + 1 + random.int(places.count - 1)) % places.count
    const name = first < second ? `${first} ${second}` : `${second} ${first}`
    if (!drawn.has(name)) drawn.set(name, [first, second])
  }
  return [...drawn.values()].map(([first, second]) => [places.at(first), places.at(second)] as const)
}

function variance(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length
  return values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length
}
