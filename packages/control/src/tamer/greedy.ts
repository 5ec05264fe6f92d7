import { randomKey } from '@attune/grad'
import { checkLinearRun, greedyAction, type LinearRun } from './linear.ts'

/** Returns of the task's own reward over episodes that act greedily on w·φ(s, a) and learn nothing. */
export function greedyReturns(
  run: LinearRun,
  { seed, episodes }: { seed: number; episodes: number },
): number[] {
  checkLinearRun(run)
  const { environment, features, weights } = run
  const random = randomKey(seed, 'greedy')
  return Array.from({ length: episodes }, (_, episode) => {
    let observation = environment.reset(episode === 0 ? seed : undefined)
    let [total, over] = [0, false]
    while (!over) {
      const step = environment.step(greedyAction(weights, { observation, features, random }))
      total += step.reward
      observation = step.observation
      over = step.terminated || step.truncated
    }
    return total
  })
}
