import type { Box } from '../envs/space.ts'
import { placements, tetrisFeatureCount, tetrisFeatures } from '../games/tetris.ts'

/** Features φ(s, a) of a state and a discrete action. */
export interface StateActionFeatures {
  readonly size: number
  readonly actions: number
  readonly of: (observation: Float32Array, action: number) => Float32Array
}

/**
 * Gaussian bumps on a grid of `perSide` centres in every dimension of a bounded box, divided by their sum, and a bias of 0.1; one
 * set for each action. A bump's deviation is the distance between centres. Throws for a box without bounds or width.
 */
export function radialFeatures(space: Box, actions: number, perSide = 8): StateActionFeatures {
  checkPerSide(perSide, 2)
  const unit = unitOf(space)
  const dimensions = space.low.length
  const bumps = perSide ** dimensions
  const own = bumps + 1
  const centre = (bump: number, dimension: number) =>
    (Math.floor(bump / perSide ** dimension) % perSide) / (perSide - 1)
  return {
    size: own * actions,
    actions,
    of: (observation, action) => {
      const place = unit(observation)
      const features = new Float32Array(own * actions)
      let sum = 0
      for (let bump = 0; bump < bumps; bump++) {
        let distance = 0
        for (let d = 0; d < dimensions; d++) distance += ((place[d]! - centre(bump, d)) * (perSide - 1)) ** 2
        const height = Math.exp(-distance / 2)
        features[action * own + bump] = height
        sum += height
      }
      for (let bump = 0; bump < bumps; bump++) features[action * own + bump]! /= sum
      features[action * own + bumps] = 0.1
      return features
    },
  }
}

/** A table: one-hot over `perSide` bins in every dimension of a bounded box, and the action. */
export function binFeatures(space: Box, actions: number, perSide: number): StateActionFeatures {
  checkPerSide(perSide, 1)
  const unit = unitOf(space)
  const bins = perSide ** space.low.length
  return {
    size: bins * actions,
    actions,
    of: (observation, action) => {
      const place = unit(observation).map((x) => Math.min(Math.floor(x * perSide), perSide - 1))
      const bin = place.reduce((total, at) => total * perSide + at, 0)
      const features = new Float32Array(bins * actions)
      features[action * bins + bin] = 1
      return features
    },
  }
}

/** Tetris: features of the well after each placement, shared by all placements (Bertsekas and Ioffe 1996). */
export const wellFeatures: StateActionFeatures = {
  size: tetrisFeatureCount,
  actions: placements,
  of: tetrisFeatures,
}

function checkPerSide(perSide: number, least: number): void {
  if (!Number.isInteger(perSide) || perSide < least)
    throw new RangeError(`${perSide} features per side: expected a whole number from ${least}`)
}

/** Maps observations to [0, 1] in every dimension. */
function unitOf({ low, high }: Box): (observation: Float32Array) => number[] {
  const at = low.findIndex((bound, i) => !(bound < high[i]! && Number.isFinite(high[i]! - bound)))
  if (at >= 0)
    throw new RangeError(
      `observation[${at}] lies from ${low[at]} to ${high[at]}: a grid of features needs finite bounds, low < high`,
    )
  return (observation) =>
    Array.from(observation, (x, i) => Math.min(Math.max((x - low[i]!) / (high[i]! - low[i]!), 0), 1))
}
