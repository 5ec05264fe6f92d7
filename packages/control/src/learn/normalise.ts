/** Statistics of numbers seen so far, one mean and variance for each of `size` elements. */
export interface RunningMoments {
  readonly size: number
  /** Takes rows [B, size] in (Chan, Golub and LeVeque's parallel update). */
  readonly update: (rows: Float32Array) => void
  readonly mean: Float64Array
  readonly variance: Float64Array
  readonly state: () => MomentsState
  readonly restore: (state: MomentsState) => void
}

/** Statistics as JSON can hold them. */
export interface MomentsState {
  readonly count: number
  readonly mean: readonly number[]
  readonly variance: readonly number[]
}

/** Running mean (at first 0) and variance (at first 1), in double precision. */
export function runningMoments(size: number): RunningMoments {
  const mean = new Float64Array(size)
  const variance = new Float64Array(size).fill(1)
  let count = 1e-4 // as in OpenAI's baselines: the first batch outweighs the start
  return {
    size,
    mean,
    variance,
    update: (rows) => {
      const added = rows.length / size
      if (added === 0) return
      const total = count + added
      for (let i = 0; i < size; i++) {
        let sum = 0
        for (let at = i; at < rows.length; at += size) sum += rows[at]!
        const batchMean = sum / added
        let squares = 0
        for (let at = i; at < rows.length; at += size) squares += (rows[at]! - batchMean) ** 2
        const delta = batchMean - mean[i]!
        mean[i]! += (delta * added) / total
        variance[i] = (variance[i]! * count + squares + (delta * delta * count * added) / total) / total
      }
      count = total
    },
    state: () => ({ count, mean: [...mean], variance: [...variance] }),
    restore: (state) => {
      for (const { length } of [state.mean, state.variance])
        if (length !== size)
          throw new RangeError(`the saved statistics are of ${length} elements, expected ${size}`)
      count = state.count
      mean.set(state.mean)
      variance.set(state.variance)
    },
  }
}

/** (x − mean)/√(variance + 1e-8), cut to ±10; rows [B, size]. */
export function normalised(rows: Float32Array, moments: RunningMoments): Float32Array {
  const into = new Float32Array(rows.length)
  writeNormalised(rows, moments, { into, at: 0, width: moments.size })
  return into
}

/** The same as the first elements of rows [.., width] of another array, from its row `at` on. */
export function writeNormalised(
  rows: Float32Array,
  { size, mean, variance }: RunningMoments,
  { into, at, width }: { readonly into: Float32Array; readonly at: number; readonly width: number },
): void {
  const scales = variance.map((v) => 1 / Math.sqrt(v + 1e-8))
  for (let from = 0, to = at * width; from < rows.length; from += size, to += width) {
    for (let i = 0; i < size; i++) {
      const x = (rows[from + i]! - mean[i]!) * scales[i]!
      into[to + i] = x > 10 ? 10 : x < -10 ? -10 : x // plain comparisons: the inner loop of every reward fit
    }
  }
}

/**
 * Divides rewards by the running deviation of their discounted sum, which begins anew when an episode has ended, as VecNormalize of
 * OpenAI's baselines does.
 */
export interface RewardScaler {
  /** Rewards [T, N] and where episodes ended [T, N], in order of time; returns them scaled and cut to ±10. */
  readonly scale: (rewards: Float32Array, ended: Uint8Array) => Float32Array
  readonly state: () => RewardScalerState
  readonly restore: (state: RewardScalerState) => void
}

/** A reward scaler as JSON can hold it. */
export interface RewardScalerState {
  readonly moments: MomentsState
  readonly sums: readonly number[]
}

/** A reward scaler for `count` environments and a discount. */
export function rewardScaler(count: number, gamma: number): RewardScaler {
  const moments = runningMoments(1)
  const sums = new Float32Array(count)
  return {
    scale: (rewards, ended) => {
      const scaled = new Float32Array(rewards.length)
      for (let from = 0; from < rewards.length; from += count) {
        for (let i = 0; i < count; i++) sums[i] = sums[i]! * gamma + rewards[from + i]!
        moments.update(sums)
        const scale = 1 / Math.sqrt(moments.variance[0]! + 1e-8)
        for (let i = 0; i < count; i++) {
          scaled[from + i] = Math.max(-10, Math.min(10, rewards[from + i]! * scale))
          if (ended[from + i]) sums[i] = 0
        }
      }
      return scaled
    },
    state: () => ({ moments: moments.state(), sums: [...sums] }),
    restore: (state) => {
      if (state.sums.length !== count)
        throw new RangeError(
          `the saved reward sums are of ${state.sums.length} environments, expected ${count}`,
        )
      moments.restore(state.moments)
      sums.set(state.sums)
    },
  }
}
