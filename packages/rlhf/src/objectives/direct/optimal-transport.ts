import { constant, intArray, type Tensor } from '@attune/grad'
import { smoothed } from './dpo.ts'
import { logRatio, type PairLoss } from './pair.ts'

/**
 * AOT on pairs: the margins log π(y_w)/π(y_l) and those of the reference are sorted apart, so that one distribution comes to
 * dominate the other (Melnyk et al. 2024). It sorts over the pairs given: do not cut a batch.
 */
export function aot({ beta, flip = 0 }: { beta: number; flip?: number }): PairLoss {
  return (chosen, rejected) => {
    const ours = sorted(chosen.logp.sub(rejected.logp))
    const theirs = sorted(chosen.reference.sub(rejected.reference))
    return smoothed(ours.sub(theirs).mul(beta), flip)
  }
}

/** AOT without pairs: log-ratios of chosen and of rejected completions are sorted apart (Melnyk et al. 2024). */
export function aotUnpaired({ beta, flip = 0 }: { beta: number; flip?: number }): PairLoss {
  return (chosen, rejected) =>
    smoothed(
      sorted(logRatio(chosen))
        .sub(sorted(logRatio(rejected)))
        .mul(beta),
      flip,
    )
}

/** x [P] in ascending order: a permutation matrix, a constant to the gradient, times x. */
export function sorted(x: Tensor): Tensor {
  const [count] = x.shape as [number]
  const fixed = x.stopGradient()
  const [one, other] = [fixed.expandDims(1), fixed.expandDims(0)] // [P, 1], [1, P]
  const index = constant(
    intArray(
      Array.from({ length: count }, (_, i) => i),
      [count],
    ),
  )
  const earlier = index.expandDims(0).less(index.expandDims(1))
  const below = other.less(one).cast('float32')
  const tied = other.equal(one).logicalAnd(earlier).cast('float32')
  const rank = below.add(tied).sum({ axes: 1 })
  const places = rank.expandDims(0).equal(index.cast('float32').expandDims(1)).cast('float32') // [rank, P]
  return places.matmul(x.expandDims(1)).squeeze(1)
}
