import { randomKey } from '@attune/grad'
import type { Environment } from '../envs/environment.ts'
import { credits, type Delay } from './credit.ts'
import type { StateActionFeatures } from './features.ts'
import { addScaled, dot, greedyAction } from './linear.ts'
import type { Seen, Signal, TamerTrainer } from './trainer.ts'

/** The values that TAMER works on; `weights` of Ĥ change in place. */
export interface TamerRun {
  readonly environment: Environment
  readonly features: StateActionFeatures
  readonly weights: Float32Array
  readonly trainer: TamerTrainer
}

/** Numbers of TAMER. */
export interface TamerOptions {
  readonly seed: number
  readonly episodes: number
  /** α of the regression. */
  readonly learningRate: number
  readonly secondsPerStep: number
  readonly delay: Delay
  /** Steps that ended this many seconds before the present one began get no credit. */
  readonly memory: number
}

/** One episode of training. The return is only for looking on: TAMER never sees it. */
export interface TamerRecord {
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly signals: readonly Signal[]
}

/**
 * TAMER, training an agent manually via evaluative reinforcement (Knox and Stone 2008, 2009): regress the person's signals on
 * the state and action that they are about, and act greedily on that: π(s) = argmax_a Ĥ(s, a).
 */
export async function* tamer(
  { environment, features, weights, trainer }: TamerRun,
  { seed, episodes, learningRate, secondsPerStep, delay, memory }: TamerOptions,
): AsyncGenerator<TamerRecord> {
  checkRun(environment, features, weights)
  const random = randomKey(seed, 'tamer')
  let recent: (Seen & { readonly features: Float32Array })[] = []
  let time = 0
  for (let episode = 0; episode < episodes; episode++) {
    let observation = environment.reset(episode === 0 ? seed : undefined)
    const given: Signal[] = []
    let [total, steps, error, over] = [0, 0, 0, false]
    while (!over) {
      const action = greedyAction(weights, { observation, features, random })
      const { observation: next, reward, terminated, truncated } = environment.step(action)
      const shown = { observation, action, start: time, end: time + secondsPerStep }
      const signals = await trainer.watch(shown)
      if (!signals) return
      const seen = { ...shown, ...trainer.interval?.() }
      time = seen.end
      recent = [
        ...recent.filter(({ end }) => seen.start - end <= memory),
        { ...seen, features: features.of(observation, action) },
      ]
      for (const signal of signals) {
        if (!Number.isFinite(signal.value) || !Number.isFinite(signal.time))
          throw new RangeError(
            `the signal at ${signal.time} s is ${signal.value}, expected a finite number at a finite time`,
          )
        const credit = credits(signal.time, recent, delay)
        const about = new Float32Array(weights.length) // Σ c_t φ(s_t, a_t)
        for (const [i, step] of recent.entries())
          if (credit[i]! > 0) addScaled(about, step.features, credit[i]!)
        const gap = signal.value - dot(weights, about)
        addScaled(weights, about, (learningRate * gap) / Math.max(1, dot(about, about))) // never beyond the signal
        error += gap * gap
        given.push(signal)
      }
      total += reward
      steps++
      observation = next
      over = terminated || truncated
    }
    yield {
      step: episode + 1,
      metrics: {
        'rollout/return': total,
        'rollout/steps': steps,
        'tamer/signals': given.length,
        'tamer/squared_error': given.length === 0 ? 0 : error / given.length,
      },
      signals: given,
    }
  }
}

function checkRun(
  { id, actionSpace }: Environment,
  features: StateActionFeatures,
  weights: Float32Array,
): void {
  if (actionSpace.kind !== 'discrete')
    throw new TypeError(`${id}: TAMER compares every action, which needs discrete ones`)
  if (features.actions !== actionSpace.n)
    throw new RangeError(`${id} has ${actionSpace.n} actions, the features have ${features.actions}`)
  if (weights.length !== features.size)
    throw new RangeError(`there are ${weights.length} weights for ${features.size} features`)
}
