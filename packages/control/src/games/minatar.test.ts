import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { asterix } from './asterix.ts'
import { breakout } from './breakout.ts'
import { freeway } from './freeway.ts'
import { boardSize, type Draws, type GridGame, type Move } from './grid-game.ts'
import { seaquest } from './seaquest.ts'
import { spaceInvaders } from './space-invaders.ts'

interface Played {
  readonly game: string
  readonly seed: number
  readonly moves: string
  readonly draws: readonly number[]
  readonly rewards: Readonly<Record<string, number>>
  readonly over: boolean
  readonly pictures: string
}

const recorded = JSON.parse(
  readFileSync(new URL('../../fixtures/minatar.json', import.meta.url), 'utf8'),
) as readonly Played[]

const letters: Readonly<Record<string, Move>> = {
  n: 'none',
  l: 'left',
  u: 'up',
  r: 'right',
  d: 'down',
  f: 'fire',
}

/** Plays the recorded moves with the recorded draws, and writes down what the package's game wrote down. */
function replay<State>(rules: GridGame<State>, { moves, draws }: Played) {
  let used = 0
  const next = () => {
    if (used === draws.length) throw new Error(`${rules.id} drew more than ${draws.length} times`)
    return draws[used++]!
  }
  const replayed: Draws = { uniform: next, int: next }
  const state = rules.start(replayed)
  const pictures = [pictureOf(rules, state)]
  const rewards: Record<string, number> = {}
  let overAt: number | undefined
  for (const [frame, letter] of [...moves].entries()) {
    const result = rules.act(state, letters[letter]!, replayed)
    if (result.reward !== 0) rewards[frame] = result.reward
    if (result.over) overAt ??= frame
    pictures.push(pictureOf(rules, state))
  }
  return { rewards, overAt, pictures, used }
}

function pictureOf<State>(rules: GridGame<State>, state: State): string {
  const bits = new Uint8Array(rules.channels.length * boardSize ** 2)
  rules.paint(state, (channel, row, column) => {
    bits[(channel * boardSize + row) * boardSize + column] = 1
  })
  return createHash('sha1').update(bits).digest('hex').slice(0, 8)
}

describe('games of the MinAtar package, frame by frame', () => {
  it('are over in some records of each', () => {
    const over = recorded.filter((played) => played.over).map(({ game }) => game)
    expect(new Set(over)).toEqual(new Set(recorded.map(({ game }) => game)))
  })
  const compare = <State>(rules: GridGame<State>, played: Played) => {
    const ours = replay(rules, played)
    const theirs = played.pictures.match(/.{8}/g)!
    const firstDifference = theirs.findIndex((picture, frame) => picture !== ours.pictures[frame])
    expect(firstDifference).toBe(-1)
    expect(ours.rewards).toEqual(played.rewards)
    expect(ours.overAt).toBe(played.over ? played.moves.length - 1 : undefined)
    expect(ours.used).toBe(played.draws.length)
  }
  it.each(recorded)('$game, seed $seed', (played) => {
    if (played.game === 'breakout') compare(breakout, played)
    else if (played.game === 'freeway') compare(freeway, played)
    else if (played.game === 'asterix') compare(asterix, played)
    else if (played.game === 'space_invaders') compare(spaceInvaders, played)
    else if (played.game === 'seaquest') compare(seaquest, played)
    else throw new Error(`no rules for '${played.game}'`)
  })
})
