import type { Environment } from '../envs/environment.ts'
import { box } from '../envs/space.ts'
import { asterix } from './asterix.ts'
import { boardPicture, type Cell, channelColours } from './board-picture.ts'
import { breakout } from './breakout.ts'
import { freeway } from './freeway.ts'
import { type Game, gameEnvironment } from './game.ts'
import { boardSize, type GridGame } from './grid-game.ts'
import { seaquest } from './seaquest.ts'
import { spaceInvaders } from './space-invaders.ts'

/** Makers of MinAtar's games with its sticky actions of 10 %; observations are [channels, 10, 10] of 0 and 1. */
export const minAtar: Readonly<Record<string, () => Environment>> = {
  'MinAtar/Breakout': () => minAtarEnvironment(breakout),
  'MinAtar/Freeway': () => minAtarEnvironment(freeway),
  'MinAtar/Asterix': () => minAtarEnvironment(asterix),
  'MinAtar/SpaceInvaders': () => minAtarEnvironment(spaceInvaders),
  'MinAtar/Seaquest': () => minAtarEnvironment(seaquest),
}

function minAtarEnvironment<State>(rules: GridGame<State>): Environment {
  return gameEnvironment(boardGame(rules), { sticky: 0.1 })
}

/** A game on the board, with the minimal set of moves as its actions. */
export function boardGame<State>(rules: GridGame<State>): Game<State> {
  const shape = [rules.channels.length, boardSize, boardSize]
  return {
    id: `MinAtar/${rules.id}`,
    observationSpace: box(shape, 0, 1),
    actions: rules.moves.length,
    start: rules.start,
    act: (state, action, draws) => rules.act(state, rules.moves[action]!, draws),
    observe: (state) => {
      const bits = new Float32Array(rules.channels.length * boardSize ** 2)
      rules.paint(state, (channel, row, column) => {
        bits[(channel * boardSize + row) * boardSize + column] = 1
      })
      return bits
    },
    draw: (state) => {
      const cells: Cell[] = []
      rules.paint(state, (channel, row, column) =>
        cells.push({ row, column, fill: channelColours[channel]! }),
      )
      return boardPicture({ rows: boardSize, columns: boardSize }, cells)
    },
  }
}
