import type { Preference } from '@attune/feedback'
import { randomKey } from '@attune/grad'
import type { BehaviourSpace } from './behaviour.ts'
import { rankingSvm } from './ranking-svm.ts'

/** A policy that was shown, with how it behaves. */
export interface Shown {
  readonly parameters: Float32Array
  readonly states: readonly Float32Array[]
  readonly behaviour: Float32Array
}

/** What the search works on. */
export interface PolicySearchRun {
  readonly initial: Float32Array
  /** The states (and actions) that a policy visits. */
  readonly play: (parameters: Float32Array) => Promise<readonly Float32Array[]>
  /** Which of two behaviours the expert likes better. */
  readonly compare: (a: Shown, b: Shown) => Promise<Preference>
  readonly behaviours: BehaviourSpace
}

/** Numbers of the search. */
export interface PolicySearchOptions {
  readonly seed: number
  /** Comparisons by the expert. */
  readonly rounds: number
  /** λ: mutants of the best that the agent tries by itself in each round, at least 1. */
  readonly candidates: number
  /** First deviation of the mutations; it grows by 1.5 after a success and shrinks by 1.5^¼ after a failure. */
  readonly sigma: number
  /** C of the ranking machine. */
  readonly cost: number
  /** Worth of being unlike what the expert has seen (half the L1 distance between behaviours). */
  readonly exploration: number
}

/** One round: what was shown, and whether it is the new best. */
export interface PolicySearchRecord {
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly best: Shown
}

/**
 * Preference-based policy learning (Akrour, Schoenauer and Sebag 2011): learn what the expert likes from rankings of behaviours,
 * let the agent try mutants by itself, and show the expert only the one that promises most.
 */
export async function* preferenceBasedPolicySearch(
  { initial, play, compare, behaviours: { describe, widen } }: PolicySearchRun,
  { seed, rounds, candidates, sigma, cost, exploration }: PolicySearchOptions,
): AsyncGenerator<PolicySearchRecord> {
  if (!Number.isInteger(candidates) || candidates < 1)
    throw new RangeError(`${candidates} candidates a round: expected a whole number from 1`)
  const shown = async (parameters: Float32Array): Promise<Shown> => {
    const states = await play(parameters)
    return { parameters, states, behaviour: describe(states) }
  }
  let best = await shown(initial)
  const archive = [best.behaviour]
  const ranked: { readonly better: Float32Array; readonly worse: Float32Array }[] = []
  let deviation = sigma
  for (let round = 0; round < rounds; round++) {
    const { normal } = randomKey(seed, 'mutation', round)
    const mutants: Shown[] = []
    for (let i = 0; i < candidates; i++)
      mutants.push(await shown(best.parameters.map((x) => x + deviation * normal())))
    const weights = rankingSvm(
      ranked.map(({ better, worse }) => ({ better: widen(better), worse: widen(worse) })),
      { cost },
    )
    const promise = (mutant: Shown) => {
      const behaviour = widen(mutant.behaviour)
      const novelty = Math.min(...archive.map((known) => distance(widen(known), behaviour)))
      return behaviour.reduce((sum, x, i) => sum + x * (weights[i] ?? 0), 0) + exploration * novelty
    }
    const chosen = mutants.reduce((a, b) => (promise(b) > promise(a) ? b : a))
    const preferred = await compare(chosen, best)
    if (preferred === 0) ranked.push({ better: chosen.behaviour, worse: best.behaviour })
    if (preferred === 1) ranked.push({ better: best.behaviour, worse: chosen.behaviour })
    archive.push(chosen.behaviour)
    deviation *= preferred === 0 ? 1.5 : 1.5 ** -0.25
    if (preferred === 0) best = chosen
    const metrics = {
      success: Number(preferred === 0),
      sigma: deviation,
      regions: widen(best.behaviour).length,
    }
    yield { step: round + 1, metrics, best }
  }
}

function distance(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, x, i) => sum + Math.abs(x - b[i]!), 0) / 2
}
