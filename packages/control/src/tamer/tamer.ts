import { randomKey } from '@attune/grad'
import { credits, type Delay } from './credit.ts'
import { addScaled, checkLinearRun, dot, greedyAction, type LinearRun } from './linear.ts'
import type { Seen, Signal, TamerTrainer } from './trainer.ts'

/** The values that TAMER works on; `weights` of Ĥ change in place. */
export interface TamerRun extends LinearRun {
  readonly trainer: TamerTrainer
}

/** Numbers of TAMER. */
export interface TamerOptions {
  readonly seed: number
  readonly episodes: number
  /** α of the regression; above 1 a step may go beyond the signal. */
  readonly learningRate: number
  readonly secondsPerStep: number
  readonly delay: Delay
  /** Steps that ended this many seconds before the present one began get no credit; 99 % of delays must fit. */
  readonly memory: number
}

/** One episode of training. The return is only for looking on: TAMER never sees it. */
export interface TamerRecord {
  readonly step: number
  readonly metrics: Readonly<Record<string, number>>
  readonly signals: readonly Signal[]
}

interface Remembered extends Seen {
  readonly features: Float32Array
}

/**
 * TAMER, training an agent manually via evaluative reinforcement (Knox and Stone 2008, 2009): regress the person's signals on
 * the state and action that they are about, and act greedily on that: π(s) = argmax_a Ĥ(s, a).
 */
export async function* tamer(
  run: TamerRun,
  { seed, episodes, learningRate, secondsPerStep, delay, memory }: TamerOptions,
): AsyncGenerator<TamerRecord> {
  checkLinearRun(run)
  checkMemory(memory, delay)
  const { environment, features, weights, trainer } = run
  const random = randomKey(seed, 'tamer')
  let recent: Remembered[] = []
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
        const gap = regress(weights, { signal, recent, delay, learningRate })
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

/** w ← w + α (h − w·φ) φ / max(1, ‖φ‖²) with the credited φ = Σ c_t φ(s_t, a_t). Returns the gap h − w·φ. */
function regress(
  weights: Float32Array,
  {
    signal,
    recent,
    delay,
    learningRate,
  }: { signal: Signal; recent: readonly Remembered[]; delay: Delay; learningRate: number },
): number {
  if (!Number.isFinite(signal.value) || !Number.isFinite(signal.time))
    throw new RangeError(
      `the signal at ${signal.time} s is ${signal.value}, expected a finite number at a finite time`,
    )
  const about = new Float32Array(weights.length)
  for (const [i, credit] of credits(signal.time, recent, delay).entries())
    if (credit > 0) addScaled(about, recent[i]!.features, credit)
  const gap = signal.value - dot(weights, about)
  addScaled(weights, about, (learningRate * gap) / Math.max(1, dot(about, about)))
  return gap
}

function checkMemory(memory: number, delay: Delay): void {
  const held = delay(memory)
  if (!(held >= 0.99))
    throw new RangeError(
      `a memory of ${memory} s holds ${Math.floor(100 * held)} % of the delays, expected 99 %: credit would be lost`,
    )
}
