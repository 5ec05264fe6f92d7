import { cpu, type NdArray, ndarray, type Parameters, type Tensor, value } from '@attune/grad'
import { type Box, type Space, spaceSize } from '../envs/space.ts'
import type { Actor } from '../learn/policy.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import { actorHeads, sacNetworks } from './programs.ts'

/** The actor of soft actor-critic by itself, for playing: heads [B, 2 · action] are means and log-deviations under the tanh. */
export function sacActor(
  {
    id = 'environment',
    observationSpace,
    actionSpace,
  }: { readonly id?: string; readonly observationSpace: Box; readonly actionSpace: Space },
  { hidden }: { readonly hidden: readonly number[] },
): Actor {
  const box = boundedBox(actionSpace, id)
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(actionSpace) }
  const networks = sacNetworks(sizes, hidden)
  const { actionSize } = sizes
  const write = (actions: Float32Array, at: number, unit: number) => {
    const i = at % actionSize
    actions[at] = fromUnit(unit, box.low[i]!, box.high[i]!)
  }
  return {
    initial: (seed) => rewardParameters(networks.actor, seed),
    distribution: {
      headSize: 2 * actionSize,
      actionSize,
      draw: (_, { heads, actions, row }, { normal }) => {
        let logProb = 0
        for (let i = 0; i < actionSize; i++) {
          const [mean, logStd] = [heads[2 * row * actionSize + i]!, heads[(2 * row + 1) * actionSize + i]!]
          const z = normal()
          const unit = Math.tanh(mean + Math.exp(logStd) * z)
          logProb += -0.5 * z * z - logStd - 0.5 * Math.log(2 * Math.PI) - Math.log(1 - unit ** 2 + 1e-6)
          write(actions, row * actionSize + i, unit)
        }
        return logProb
      },
      mode: ({ heads, actions, row }) => {
        for (let i = 0; i < actionSize; i++)
          write(actions, row * actionSize + i, Math.tanh(heads[2 * row * actionSize + i]!))
      },
    },
    acting: (parameters) => {
      const program = value<[Parameters, NdArray], Tensor>(
        (weights, observations) => actorHeads(networks, weights, observations),
        { device: cpu({ threads: 1 }) },
      )
      return {
        forward: async (observations) => {
          const rows = ndarray(observations, [
            observations.length / sizes.observationSize,
            sizes.observationSize,
          ])
          return { heads: (await program(parameters, rows)).data as Float32Array }
        },
        dispose: program.dispose,
      }
    },
  }
}

/** A number of −1 … 1 at its place between two bounds. */
export function fromUnit(unit: number, low: number, high: number): number {
  return low + ((unit + 1) / 2) * (high - low)
}

/** The place between two bounds as a number of −1 … 1. */
export function toUnit(x: number, low: number, high: number): number {
  return (2 * (x - low)) / (high - low) - 1
}

/** The space as a box with bounds. Throws when it is none. */
export function boundedBox(space: Space, id: string): Box {
  if (space.kind !== 'box') throw new TypeError(`${id}: SAC needs a box of actions`)
  return space
}
