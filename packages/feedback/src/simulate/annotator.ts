import type { SimulatedAnnotator } from '../model/annotator.ts'
import { type RandomNumbers, randomNumbers } from './random.ts'

/** What an answer is drawn from: the same seed, annotator and item always give the same answer. */
export interface AnswerKey {
  readonly seed: number
  readonly item: string
}

/** A simulated annotator. Throws when τ is negative or the lapse rate is not a probability. */
export function simulatedAnnotator(
  id: string,
  { temperature, lapseRate }: { temperature: number; lapseRate: number },
): SimulatedAnnotator {
  if (!(temperature >= 0 && temperature < Infinity))
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

/** Compares two completions by their gold scores: the index of the preferred one. */
export function simulateComparison(
  annotator: SimulatedAnnotator,
  gold: readonly [number, number],
  key: AnswerKey,
): 0 | 1 {
  return randomOf(annotator, key).uniform() < preferenceProbability(annotator, gold) ? 0 : 1
}

/**
 * Ranks completions by their gold scores, indices best first: sorting g_i/τ + Gumbel noise draws from
 * Plackett–Luce, so every pair of it is a Bradley–Terry comparison. A lapse ranks at random.
 */
export function simulateRanking(
  annotator: SimulatedAnnotator,
  gold: readonly number[],
  key: AnswerKey,
): number[] {
  const random = randomOf(annotator, key)
  const weight = random.uniform() < annotator.lapseRate ? 0 : 1
  const noise = gold.map(() => random.gumbel())
  const perturbed = gold.map((score, i) =>
    annotator.temperature === 0 || weight === 0 ? weight * score : score + annotator.temperature * noise[i]!,
  )
  return gold.map((_, i) => i).sort((a, b) => perturbed[b]! - perturbed[a]! || noise[b]! - noise[a]!)
}

/** What the annotators' noise allows: the expected accuracy of the gold order against their answers, ties counting ½. */
export function noiseCeiling(
  annotators: readonly SimulatedAnnotator[],
  golds: readonly (readonly [number, number])[],
): number {
  if (annotators.length === 0 || golds.length === 0)
    throw new RangeError(
      `a noise ceiling needs annotators and pairs, found ${annotators.length} and ${golds.length}`,
    )
  let total = 0
  for (const gold of golds) {
    for (const annotator of annotators) total += goldAccuracy(annotator, gold)
  }
  return total / (annotators.length * golds.length)
}

/** Probability that an annotator answers in the gold order, ½ when the gold scores tie. */
export function goldAccuracy(annotator: SimulatedAnnotator, gold: readonly [number, number]): number {
  const first = preferenceProbability(annotator, gold)
  return gold[0] === gold[1] ? 0.5 : gold[0] > gold[1] ? first : 1 - first
}

function randomOf({ id }: SimulatedAnnotator, { seed, item }: AnswerKey): RandomNumbers {
  return randomNumbers('answer', seed, id, item)
}
