import { type Parameters, type Random, type Tensor, zeros } from '@attune/grad'
import { type Space, spaceSize } from '../envs/space.ts'

type Traced = Readonly<Record<string, Tensor>>

/** What a policy draws its actions from, given the numbers of its last layer (its head). */
export interface Distribution {
  /** Numbers of the head a state, and of an action. */
  readonly headSize: number
  readonly actionSize: number
  /** Parameters that do not depend on the state. */
  readonly parameters: () => Parameters
  /** log π(a | s) [B] from heads [B, head] and actions [B, action]. */
  readonly logProbs: (parameters: Traced, heads: Tensor, actions: Tensor) => Tensor
  /** H(π(· | s)) [B]. */
  readonly entropy: (parameters: Traced, heads: Tensor) => Tensor
  /** Writes an action for row `row` of the heads and returns its log-probability. */
  readonly draw: (parameters: Parameters, at: Draw, random: Random) => number
  /** Writes the likeliest action. */
  readonly mode: (at: Draw) => void
}

/** One row: heads [B, head] are read, actions [B, action] written. */
export interface Draw {
  readonly heads: Float32Array
  readonly actions: Float32Array
  readonly row: number
}

/** Normal numbers for a box, a category for a discrete space. */
export function distributionOf(space: Space): Distribution {
  return space.kind === 'discrete' ? categorical(space.n) : gaussian(spaceSize(space))
}

const logStd = 'actor_logstd'
const halfLogTau = 0.5 * Math.log(2 * Math.PI)

/** N(μ(s), diag σ²) with log σ [1, size] a parameter of its own, at first 0. The head is μ. */
export function gaussian(size: number): Distribution {
  return {
    headSize: size,
    actionSize: size,
    parameters: () => ({ [logStd]: zeros([1, size]) }),
    // Σ_i −(a_i − μ_i)²/2σ_i² − log σ_i − ½ log 2π
    logProbs: (parameters, heads, actions) => {
      const scale = parameters[logStd]!
      const z = actions.sub(heads).mul(scale.neg().exp())
      return z.square().mul(-0.5).sub(scale).sub(halfLogTau).sum({ axes: 1 })
    },
    // Σ_i log σ_i + ½ + ½ log 2π
    entropy: (parameters, heads) =>
      parameters[logStd]!.add(0.5 + halfLogTau)
        .broadcastTo(heads.shape)
        .sum({ axes: 1 }),
    draw: (parameters, { heads, actions, row }, { normal }) => {
      const scales = parameters[logStd]!.data
      let logProb = 0
      for (let i = 0; i < size; i++) {
        const z = normal()
        actions[row * size + i] = heads[row * size + i]! + z * Math.exp(scales[i]!)
        logProb -= 0.5 * z * z + scales[i]! + halfLogTau
      }
      return logProb
    },
    mode: ({ heads, actions, row }) => {
      for (let i = 0; i < size; i++) actions[row * size + i] = heads[row * size + i]!
    },
  }
}

/** One of n actions; the head holds their unnormalised log-probabilities. */
export function categorical(n: number): Distribution {
  return {
    headSize: n,
    actionSize: 1,
    parameters: () => ({}),
    logProbs: (_, heads, actions) => heads.logSoftmax(1).takeAlongAxis(actions.cast('int32'), 1).squeeze(1),
    entropy: (_, heads) => {
      const logp = heads.logSoftmax(1)
      return logp.exp().mul(logp).sum({ axes: 1 }).neg()
    },
    draw: (_, { heads, actions, row }, { uniform }) => {
      const logits = heads.subarray(row * n, (row + 1) * n)
      const highest = Math.max(...logits)
      let total = 0
      for (const logit of logits) total += Math.exp(logit - highest)
      let left = uniform() * total
      let chosen = 0
      while (chosen < n - 1) {
        left -= Math.exp(logits[chosen]! - highest)
        if (left < 0) break
        chosen++
      }
      actions[row] = chosen
      return logits[chosen]! - highest - Math.log(total)
    },
    mode: ({ heads, actions, row }) => {
      let best = 0
      for (let i = 1; i < n; i++) if (heads[row * n + i]! > heads[row * n + best]!) best = i
      actions[row] = best
    },
  }
}
