import { randomKey } from '@attune/grad'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Environment } from '../envs/environment.ts'
import { spaceSize } from '../envs/space.ts'
import { drive } from './drive.ts'
import { gameEnvironment } from './game.ts'
import { gridWorld } from './grid-world.ts'
import { minAtar } from './minatar.ts'
import { placements, tetris, tetrisFeatures, well } from './tetris.ts'

const cliff = `
  S...
  .##.
  .~~G`

const makers: Readonly<Record<string, () => Environment>> = {
  ...minAtar,
  GridWorld: () => gameEnvironment(gridWorld(cliff, { slip: 0.2 })),
  Drive: () => gameEnvironment(drive),
  Tetris: () => gameEnvironment(tetris),
}

/** Plays random moves and notes everything that happens. */
function play(environment: Environment, { seed, steps }: { seed: number; steps: number }): unknown[] {
  const random = randomKey(seed, 'moves')
  const { actionSpace } = environment
  if (actionSpace.kind !== 'discrete') throw new Error('games have discrete moves')
  const happened: unknown[] = []
  for (let step = 0; step < steps; step++) {
    const { observation, reward, terminated } = environment.step(random.int(actionSpace.n))
    happened.push([[...observation], reward, terminated])
    if (terminated) happened.push([...environment.reset()])
  }
  return happened
}

describe.each(Object.entries(makers))('%s', (_, make) => {
  it('says the same for the same seed, and observes within its space', () => {
    const [a, b] = [make(), make()]
    expect([...a.reset(3)]).toEqual([...b.reset(3)])
    expect(a.reset(3).length).toBe(spaceSize(a.observationSpace))
    b.reset(3)
    const happened = play(a, { seed: 1, steps: 150 })
    expect(play(b, { seed: 1, steps: 150 })).toEqual(happened)
    const observed = happened.flat(2).filter((value) => typeof value === 'number')
    expect(observed.every(Number.isFinite)).toBe(true)
  })

  it('goes on from a saved state as if nothing had been', () => {
    const [a, b] = [make(), make()]
    a.reset(5)
    play(a, { seed: 2, steps: 40 })
    const saved = JSON.parse(JSON.stringify(a.state!()))
    b.restore!(saved)
    expect(play(b, { seed: 3, steps: 60 })).toEqual(play(a, { seed: 3, steps: 60 }))
  })

  it('draws its state', () => {
    const environment = make()
    environment.reset(0)
    const { view, figures } = environment.drawing!()
    expect(figures.length).toBeGreaterThan(0)
    for (const figure of figures)
      if (figure.kind === 'polygon')
        for (const [x] of figure.points) expect(x >= view.left && x <= view.right).toBe(true)
  })
})

describe('gridWorld', () => {
  it('walks, stops at walls, ends at the goal and in pits', () => {
    const world = gameEnvironment(gridWorld(cliff))
    world.reset()
    const walk = (actions: readonly number[]) => actions.map((action) => world.step(action)).at(-1)!
    expect(walk([0]).observation.indexOf(1)).toBe(0)
    expect(walk([1, 2]).observation.indexOf(1)).toBe(1)
    expect(walk([1, 1, 2, 2])).toMatchObject({ reward: 9, terminated: true })
    world.reset()
    expect(walk([2, 2, 1])).toMatchObject({ reward: -11, terminated: true })
  })

  it('names what is wrong with a map', () => {
    expect(() => gridWorld('S.\n.G.')).toThrow('row 2 has 3 cells, the first has 2')
    expect(() => gridWorld('S.\n..')).toThrow("0 'G'")
  })
})

describe('tetris', () => {
  const game = gameEnvironment(tetris)

  it('keeps four squares a piece but for full rows, until a piece does not fit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(placements - 1), { maxLength: 60 }), fc.nat(1000), (actions, seed) => {
        const count = (observation: Float32Array) =>
          observation.subarray(0, well.rows * well.columns).reduce((total, bit) => total + bit, 0)
        let before = count(game.reset(seed))
        for (const action of actions) {
          const { observation, reward, terminated } = game.step(action)
          if (terminated) return
          expect(count(observation)).toBe(before + 4 - reward * well.columns)
          before = count(observation)
        }
      }),
      { numRuns: 30 },
    )
  })

  it('clears rows that squares or bars fill', () => {
    const empty = new Float32Array(well.rows * well.columns + 7)
    const withPiece = (piece: number, filled: readonly number[]) => {
      const observation = empty.slice()
      for (const cell of filled) observation[cell] = 1
      observation[well.rows * well.columns + piece] = 1
      return observation
    }
    const lastRow = Array.from({ length: 6 }, (_, i) => well.rows * well.columns - 10 + i)
    const features = tetrisFeatures(withPiece(0, lastRow), 6)
    expect([...features.subarray(0, 10)]).toEqual(Array(10).fill(0))
    expect(features[21]).toBe(0.25)
    const upright = tetrisFeatures(withPiece(0, []), 10 + 3)
    expect(upright[3]).toBeCloseTo(4 / 20)
    expect(upright[19]).toBeCloseTo(4 / 20)
  })
})

describe('drive', () => {
  it('is even beside a car and not ten metres off', () => {
    const road = (ahead: number) => ({ lane: 0, speed: 18, others: [{ lane: 2, ahead, speed: 18 }] })
    const draws = { uniform: () => 0.5, int: () => 0 }
    expect(drive.act(road(0), 0, draws).info!.evenness).toBeCloseTo(1)
    expect(drive.act(road(5), 0, draws).info!.evenness).toBeCloseTo(0.5)
    expect(drive.act(road(12), 0, draws).info!.evenness).toBe(0)
  })

  it('counts a car that is overtaken, and a crash', () => {
    const draws = { uniform: () => 0.5, int: () => 0 }
    const slowCar = { lane: 2, ahead: 0.4, speed: 10 }
    expect(drive.act({ lane: 0, speed: 18, others: [slowCar] }, 0, draws)).toMatchObject({
      reward: 1,
      over: false,
    })
    const crash = { lane: 1, speed: 18, others: [{ lane: 2, ahead: 1, speed: 18 }] }
    expect(drive.act(crash, 2, draws)).toMatchObject({ reward: -5, over: true })
  })
})
