/**
 * Policies from rankings, before deep learning: preference-based policy iteration (Cheng et al. 2011) on CartPole, and preference-based
 * policy learning (Akrour et al. 2011) on Acrobot, in seconds to minutes; what has a result is not run again:
 * node --conditions=source --import tsx reproductions/rankings/run.ts [seed …]
 */
import { box, type Environment, makeEnvironment } from '@attune/control'
import { missingSeeds, writeSeed } from '../shared/seeds.ts'
import { iterate } from './iterate.ts'
import { search } from './search.ts'

/** What both write: a curve of a measure against comparisons, by the arm's name. */
export interface Outcome {
  readonly name: string
  readonly curve: readonly (readonly [comparisons: number, value: number])[]
}

async function cartPole(): Promise<Environment> {
  const environment = await makeEnvironment('CartPole-v1', { maxSteps: 200 })
  // bounds within which features are spread: the environment's own reach far beyond what is seen
  return { ...environment, observationSpace: box([4], [-2.4, -3, -0.21, -3], [2.4, 3, 0.21, 3]) }
}

for (const seed of missingSeeds(import.meta.url)) {
  const cart: Outcome[] = []
  for (const states of [20, 60, 180]) {
    const name = `${states} states an iteration`
    cart.push({ name, curve: await iterate(await cartPole(), { seed, states }) })
  }
  const acrobot: Outcome[] = []
  for (const [name, candidates] of [
    ['the most promising of 20', 20],
    ['whatever comes', 1],
  ] as const)
    acrobot.push({ name, curve: await search(await makeEnvironment('Acrobot-v1'), { seed, candidates }) })
  for (const { name, curve } of [...cart, ...acrobot]) console.log(seed, name, JSON.stringify(curve))
  writeSeed(import.meta.url, seed, { cart, acrobot })
}
