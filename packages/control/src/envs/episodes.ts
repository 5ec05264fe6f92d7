import { type Random, randomKey } from '@attune/grad'
import type { EnvironmentState } from './environment.ts'

/** Where an environment's randomness stands: its seed and the number of the episode. */
export interface Episodes {
  /** Begins the next episode, or the first of a new seed. */
  readonly next: (seed?: number) => Random
  /** Random numbers of one step of this episode: nothing but the step's number is needed to draw them again. */
  readonly at: (step: number) => Random
  readonly state: () => { readonly seed: number; readonly episode: number }
  /** Goes on from a saved state; with `future`, which takes the seed's place, to other episodes. */
  readonly restore: (state: EnvironmentState, future?: number) => void
}

/** Random numbers of episodes that are a pure function of seed, episode and step. */
export function episodes(id: string): Episodes {
  let [seed, episode] = [0, -1]
  return {
    next: (newSeed) => {
      if (newSeed === undefined) episode++
      else [seed, episode] = [newSeed, 0]
      return randomKey(seed, id, episode, 'reset')
    },
    at: (step) => randomKey(seed, id, episode, step),
    state: () => ({ seed, episode }),
    restore: (state, future) => {
      seed = future ?? (state.seed as number)
      episode = state.episode as number
    },
  }
}
