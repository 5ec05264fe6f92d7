import type { Drawing } from '@attune/feedback'
import type { Environment } from '../envs/environment.ts'
import { episodes } from '../envs/episodes.ts'
import { type Box, discrete } from '../envs/space.ts'
import type { Draws } from './grid-game.ts'

/** A game of discrete moves. The state is changed in place. */
export interface Game<State> {
  readonly id: string
  readonly observationSpace: Box
  readonly actions: number
  readonly start: (draws: Draws) => State
  readonly act: (
    state: State,
    action: number,
    draws: Draws,
  ) => { reward: number; over: boolean; info?: Readonly<Record<string, number>> }
  readonly observe: (state: State) => Float32Array
  readonly draw: (state: State) => Drawing
}

/**
 * A game as an environment. With `sticky` probability the move before is made again, whatever was chosen (Machado et al.
 * 2018). Its saved state is the list of moves made, which `restore` plays again.
 */
export function gameEnvironment<State>(
  game: Game<State>,
  { sticky = 0 }: { sticky?: number } = {},
): Environment {
  const random = episodes(game.id)
  let moves: number[] = []
  let branched = false
  let state = game.start(random.next(0))
  const begin = (draws: Draws) => {
    moves = []
    branched = false
    state = game.start(draws)
  }
  const move = (action: number) => {
    const draws = random.at(moves.length)
    const repeats = sticky > 0 && moves.length > 0 && draws.uniform() < sticky
    const made = repeats ? moves.at(-1)! : action
    moves.push(made)
    return game.act(state, made, draws)
  }
  random.restore({ seed: 0, episode: -1 })
  return {
    id: game.id,
    observationSpace: game.observationSpace,
    actionSpace: discrete(game.actions),
    reset: (seed) => {
      begin(random.next(seed))
      return game.observe(state)
    },
    step: (action) => {
      const { reward, over, info } = move(action as number)
      return {
        observation: game.observe(state),
        reward,
        terminated: over,
        truncated: false,
        ...(info && { info }),
      }
    },
    drawing: () => game.draw(state),
    state: () => {
      if (branched)
        throw new Error(`${game.id}: a state with another future cannot be saved before the next reset`)
      return { ...random.state(), moves: [...moves] }
    },
    restore: ({ seed, episode, moves: made }, future) => {
      random.restore({ seed: seed as number, episode: (episode as number) - 1 })
      begin(episode === 0 ? random.next(seed as number) : random.next())
      for (const action of made as readonly number[]) replay(action)
      if (future === undefined) return
      branched = true
      random.restore({ seed: future, episode: episode as number })
    },
  }

  function replay(action: number): void {
    const draws = random.at(moves.length)
    if (sticky > 0 && moves.length > 0) draws.uniform()
    moves.push(action)
    game.act(state, action, draws)
  }
}
