/** Turns the states that a policy visits into a description of its behaviour. */
export interface BehaviourSpace {
  /** Share of time in each known region; states far from all regions found a new one. */
  readonly describe: (states: readonly Float32Array[]) => Float32Array
  /** A description made earlier, with zeros for the regions found since. */
  readonly widen: (description: Float32Array) => Float32Array
}

/**
 * ε-means over states and actions (Akrour et al. 2011, §3.1): a state within `epsilon` (Euclidean) of a centre belongs to the
 * nearest, any other becomes a centre. A behaviour is how its time is spread over the centres. Throws unless `epsilon` is above 0.
 */
export function epsilonMeans(epsilon: number): BehaviourSpace {
  if (!(epsilon > 0)) throw new RangeError(`an epsilon of ${epsilon}: expected a distance above 0`)
  const centres: Float32Array[] = []
  const regionOf = (state: Float32Array): number => {
    let [nearest, least] = [-1, epsilon * epsilon]
    for (const [i, centre] of centres.entries()) {
      const distance = centre.reduce((sum, x, j) => sum + (x - state[j]!) ** 2, 0)
      if (distance <= least) [nearest, least] = [i, distance]
    }
    return nearest >= 0 ? nearest : centres.push(state.slice()) - 1
  }
  const widen = (description: Float32Array) => {
    const wide = new Float32Array(centres.length)
    wide.set(description)
    return wide
  }
  return {
    describe: (states) => {
      const regions = states.map(regionOf)
      const share = new Float32Array(centres.length)
      for (const region of regions) share[region]! += 1 / states.length
      return share
    },
    widen,
  }
}
