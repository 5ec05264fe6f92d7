import type { Tensor } from '@attune/grad'
import type { Objective } from '../objective.ts'
import { logRatio } from './pair.ts'

/** Judged completions, all [B]: Σ_t log π(y_t), Σ_t log π_ref(y_t), 1 where desirable, and a weight (λ/B) of each. */
export interface UnpairedBatch {
  readonly logp: Tensor
  readonly reference: Tensor
  readonly desirable: Tensor
  readonly weight: Tensor
}

/** A loss of judged completions; `point` is the scalar that rewards are compared with. */
export type UnpairedLoss = (batch: UnpairedBatch, point: Tensor) => Objective

/** KTO: λ_D (1 − σ(r − βz₀)) when desirable, λ_U (1 − σ(βz₀ − r)) otherwise, r = β log π/π_ref, z₀ the KL estimate (Ethayarajh et al. 2024). */
export function kto({ beta }: { beta: number }): UnpairedLoss {
  return (batch, point) => {
    const margin = logRatio(batch).sub(point).mul(beta).mul(signs(batch))
    return unpaired(batch, margin.sigmoid().neg().add(1))
  }
}

/** APO-zero on single completions: 1 − σ(r) when desirable, σ(r) otherwise (D'Oosterlinck et al. 2024). */
export function apoZeroUnpaired({ beta }: { beta: number }): UnpairedLoss {
  return (batch) => {
    const margin = logRatio(batch).mul(beta).mul(signs(batch))
    return unpaired(batch, margin.sigmoid().neg().add(1))
  }
}

/** BCO: −log σ(±(r − δ)), δ the running mean of rewards (Jung et al. 2024, reward shift). */
export function bco({ beta }: { beta: number }): UnpairedLoss {
  return (batch, shift) => {
    const margin = logRatio(batch).mul(beta).sub(shift).mul(signs(batch))
    return unpaired(batch, margin.logSigmoid().neg())
  }
}

/** +1 for desirable completions, −1 for others. */
function signs({ desirable }: UnpairedBatch): Tensor {
  return desirable.mul(2).sub(1)
}

function unpaired(batch: UnpairedBatch, losses: Tensor): Objective {
  return { loss: losses.mul(batch.weight).sum(), stats: {} }
}
