import type { Tensor } from '@attune/grad'
import { type Box, type Space, spaceSize } from '../envs/space.ts'
import type { Actor } from '../learn/policy.ts'
import { compiledActing } from '../policies/actor-critic.ts'
import type { Draw } from '../policies/distribution.ts'
import { rewardParameters } from '../preferences/reward-network.ts'
import { actorHeads, type SacNetworks, sacNetworks } from './programs.ts'

/** The actor of soft actor-critic by itself, for playing. */
export function sacActor(
  {
    id = 'environment',
    observationSpace,
    actionSpace,
  }: { readonly id?: string; readonly observationSpace: Box; readonly actionSpace: Space },
  { hidden }: { readonly hidden: readonly number[] },
): Actor {
  const box = boundedBox(actionSpace, id)
  const sizes = { observationSize: spaceSize(observationSpace), actionSize: spaceSize(box) }
  return actorOf(sacNetworks(sizes, hidden), box)
}

/** The actor of the networks, whose numbers of ±1 lie between the bounds of a box. */
export function actorOf(networks: SacNetworks, box: Box): Actor {
  const observationSize = networks.actor.sizes[0]!
  const forward = (parameters: Readonly<Record<string, Tensor>>, observations: Tensor) => ({
    heads: actorHeads(networks, parameters, observations),
  })
  return {
    // one past the seed: a reward ensemble that is learnt beside draws its weights by the seed itself
    initial: (seed) => rewardParameters(networks.actor, seed + 1),
    distribution: squashedGaussian(box),
    acting: (parameters) => compiledActing({ forward, observationSize }, parameters),
  }
}

/** tanh u with u ~ N(μ, σ²), stretched to the bounds of a box. The head is μ and log σ, side by side. */
function squashedGaussian({ low, high }: Box): Actor['distribution'] {
  const size = low.length
  const write = ({ actions, row }: Draw, i: number, u: number) => {
    actions[row * size + i] = fromUnit(Math.tanh(u), low[i]!, high[i]!)
  }
  return {
    headSize: 2 * size,
    actionSize: size,
    // Σ_i log N(z_i) − log σ_i − log(1 − tanh²u_i) − log((high_i − low_i)/2)
    draw: (_, at, { normal }) => {
      let logProb = 0
      for (let i = 0; i < size; i++) {
        const [mean, logStd] = [at.heads[2 * at.row * size + i]!, at.heads[(2 * at.row + 1) * size + i]!]
        const z = normal()
        const u = mean + Math.exp(logStd) * z
        logProb -= 0.5 * z * z + logStd + 0.5 * Math.log(2 * Math.PI)
        logProb -= logSlope(u) + Math.log((high[i]! - low[i]!) / 2)
        write(at, i, u)
      }
      return logProb
    },
    mode: (at) => {
      for (let i = 0; i < size; i++) write(at, i, at.heads[2 * at.row * size + i]!)
    },
  }
}

/** log(1 − tanh²u), finite for every finite u. */
function logSlope(u: number): number {
  return 2 * (Math.LN2 - Math.abs(u) - Math.log1p(Math.exp(-2 * Math.abs(u))))
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
  for (const [i, low] of space.low.entries()) {
    const high = space.high[i]!
    if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
      throw new RangeError(
        `${id}: action ${i} has no bounds: from ${low} to ${high}, SAC needs a finite range`,
      )
  }
  return space
}
