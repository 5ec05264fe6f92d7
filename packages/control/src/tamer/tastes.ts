import { placements, tetrisFeatures, well } from '../games/tetris.ts'

type Taste = (observation: Float32Array) => readonly number[]

/**
 * What a simulated trainer would have done, as values of all actions: a push in the direction of motion (MountainCar), a push under the pole as it
 * falls (CartPole), a placement that leaves the well low, even and without holes (Tetris).
 */
const tastes: Readonly<Record<string, Taste>> = {
  'MountainCar-v0': ([, velocity]) => [-velocity!, 0, velocity!],
  'CartPole-v1': ([position, speed, angle, turning]) => {
    const falling = angle! + 0.5 * turning! + 0.02 * position! + 0.04 * speed!
    return [-falling, falling]
  },
  Tetris: (observation) => Array.from({ length: placements }, (_, action) => wellValue(observation, action)),
}

/** Names of environments that a simulated trainer has a taste for. */
export const trainerTastes: readonly string[] = Object.keys(tastes)

/** The taste of a simulated trainer. Throws for an environment that there is none for. */
export function trainerTaste(environment: string): Taste {
  const taste = tastes[environment]
  if (!taste)
    throw new RangeError(
      `there is no simulated trainer for ${environment}; there are ${trainerTastes.join(', ')}`,
    )
  return taste
}

/** −0.51 Σ heights + 0.76 rows − 0.36 holes − 0.18 unevenness: weights of a player that seldom loses (Lee 2013). */
function wellValue(observation: Float32Array, action: number): number {
  const features = tetrisFeatures(observation, action)
  const sum = (from: number, to: number) =>
    well.rows * features.subarray(from, to).reduce((total, x) => total + x, 0)
  const differences = 2 * well.columns - 1
  const [holes, cleared, over] = features.subarray(differences + 1)
  const game = over ? -1000 : 0
  return (
    game -
    0.51 * sum(0, well.columns) +
    0.76 * 4 * cleared! -
    0.36 * well.rows * holes! -
    0.18 * sum(well.columns, differences)
  )
}
