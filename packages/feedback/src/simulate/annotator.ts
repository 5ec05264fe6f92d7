import type { Annotator } from '../model/annotator.ts'
import { type RandomNumbers, randomNumbers } from './random.ts'

/** How a simulated annotator errs. */
export interface SimulatedAnnotator extends Annotator {
  readonly source: 'simulated'
  /** τ of P(a ≻ b) = σ((g_a − g_b)/τ): 0 always follows the gold score. */
  readonly temperature: number
  /** Probability of an answer that ignores the completions. */
  readonly lapseRate: number
}

/** A simulated annotator. Throws when τ is negative or the lapse rate is not a probability. */
export function simulatedAnnotator(
  id: string,
  { temperature, lapseRate }: { temperature: number; lapseRate: number },
): SimulatedAnnotator {
  if (!(temperature >= 0))
    throw new RangeError(`annotator '${id}': temperature is ${temperature}, expected 0 or more`)
  if (!(lapseRate >= 0 && lapseRate <= 1))
    throw new RangeError(`annotator '${id}': lapseRate is ${lapseRate}, expected 0 to 1`)
  return { id, source: 'simulated', temperature, lapseRate }
}

/** P(first is preferred) of a Bradley–Terry annotator with lapses: (1 − ε)·σ((g_1 − g_2)/τ) + ε/2. */
export function preferenceProbability(
  { temperature, lapseRate }: SimulatedAnnotator,
  gold: readonly [number, number],
): number {
  const gap = gold[0] - gold[1]
  const followed = temperature === 0 ? (Math.sign(gap) + 1) / 2 : 1 / (1 + Math.exp(-gap / temperature))
  return (1 - lapseRate) * followed + lapseRate / 2
}

/** Compares two completions by their gold scores: the index of the preferred one, a function of seed and item. */
export function simulateComparison(
  annotator: SimulatedAnnotator,
  gold: readonly [number, number],
  key: { readonly seed: number; readonly item: string },
): 0 | 1 {
  return randomOf(annotator, key).uniform() < preferenceProbability(annotator, gold) ? 0 : 1
}

/** Ranks completions by their gold scores with Plackett–Luce noise (Gumbel-perturbed scores); lapses rank at random. */
export function simulateRanking(
  annotator: SimulatedAnnotator,
  gold: readonly number[],
  key: { readonly seed: number; readonly item: string },
): number[] {
  const random = randomOf(annotator, key)
  const lapsed = random.uniform() < annotator.lapseRate
  const perturbed = gold.map((score) => {
    const gumbel = -Math.log(-Math.log(random.uniform() + 1e-12))
    return lapsed ? gumbel : score + annotator.temperature * gumbel
  })
  return perturbed.map((_, i) => i).sort((a, b) => perturbed[b]! - perturbed[a]!)
}

/** What the annotators' noise allows: the expected accuracy of the gold order against their answers, ties counting ½. */
export function noiseCeiling(
  annotators: readonly SimulatedAnnotator[],
  golds: readonly (readonly [number, number])[],
): number {
  const accuracies = golds.flatMap((gold) =>
    annotators.map((annotator) => {
      const first = preferenceProbability(annotator, gold)
      return gold[0] === gold[1] ? 0.5 : gold[0] > gold[1] ? first : 1 - first
    }),
  )
  return accuracies.reduce((a, b) => a + b, 0) / accuracies.length
}

function randomOf({ id }: SimulatedAnnotator, { seed, item }: { seed: number; item: string }): RandomNumbers {
  return randomNumbers(`${seed}/${id}/${item}`)
}
