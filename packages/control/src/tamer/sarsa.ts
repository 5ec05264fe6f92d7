import { randomKey } from '@attune/grad'
import { addScaled, checkLinearRun, dot, greedyAction, type LinearRun } from './linear.ts'

/** Numbers of Sarsa(λ). */
export interface SarsaOptions {
  readonly seed: number
  readonly episodes: number
  readonly alpha: number
  readonly gamma: number
  readonly lambda: number
  readonly epsilon: number
}

/**
 * Sarsa(λ) with replacing traces on the environment's own reward (Sutton and Barto, chapter 12): the learner that TAMER is compared
 * with; over one-hot features it is tabular. Yields the return and length of every episode; `weights` change in place.
 */
export async function* sarsa(
  run: LinearRun,
  { seed, episodes, alpha, gamma, lambda, epsilon }: SarsaOptions,
): AsyncGenerator<{ readonly step: number; readonly metrics: Readonly<Record<string, number>> }> {
  checkLinearRun(run)
  const { environment, features, weights } = run
  const random = randomKey(seed, 'sarsa')
  const choose = (observation: Float32Array) =>
    random.uniform() < epsilon
      ? random.int(features.actions)
      : greedyAction(weights, { observation, features, random })
  for (let episode = 0; episode < episodes; episode++) {
    const traces = new Float32Array(features.size)
    let observation = environment.reset(episode === 0 ? seed : undefined)
    let action = choose(observation)
    let [total, steps, over] = [0, 0, false]
    while (!over) {
      const active = features.of(observation, action)
      const step = environment.step(action)
      over = step.terminated || step.truncated
      const nextAction = choose(step.observation)
      const ahead = step.terminated ? 0 : gamma * dot(weights, features.of(step.observation, nextAction))
      const error = step.reward + ahead - dot(weights, active) // δ = r + γ Q(s′, a′) − Q(s, a)
      for (let i = 0; i < traces.length; i++) traces[i] = Math.max(traces[i]! * gamma * lambda, active[i]!)
      addScaled(weights, traces, alpha * error)
      total += step.reward
      steps++
      observation = step.observation
      action = nextAction
    }
    yield { step: episode + 1, metrics: { 'rollout/return': total, 'rollout/steps': steps } }
  }
}
