import { stopGradient, type Tensor } from '@attune/grad'
import type { Objective } from '../objective.ts'
import { logRatio } from './pair.ts'

/** Judged completions, all [B]: Σ_t log π(y_t), Σ_t log π_ref(y_t), 1 where desirable, and a weight (λ/B) of each. */
export interface UnpairedBatch {
  readonly logp: Tensor
  readonly reference: Tensor
  readonly desirable: Tensor
  readonly weight: Tensor
}

/** The KL estimate z₀ of KTO: max(0, E [log π(y′|x) − log π_ref(y′|x)]) over mismatched completions y′ [B]; no gradient. */
export function referencePoint(mismatched: { logp: Tensor; reference: Tensor }): Tensor {
  return stopGradient(logRatio(mismatched).mean().maximum(0))
}

/** KTO: λ_D (1 − σ(r − βz₀)) when desirable, λ_U (1 − σ(βz₀ − r)) otherwise, r = β log π/π_ref (Ethayarajh et al. 2024, eq. 8). */
export function kto(batch: UnpairedBatch, { beta, point }: { beta: number; point: Tensor }): Objective {
  const margin = logRatio(batch).sub(point).mul(beta).mul(signs(batch))
  return unpaired(batch, margin.sigmoid().neg().add(1), beta)
}

/** APO-zero on single completions: 1 − σ(r) when desirable, σ(r) otherwise (D'Oosterlinck et al. 2024). */
export function apoZeroUnpaired(batch: UnpairedBatch, { beta }: { beta: number }): Objective {
  const margin = logRatio(batch).mul(beta).mul(signs(batch))
  return unpaired(batch, margin.sigmoid().neg().add(1), beta)
}

/** BCO: −log σ(±(r − δ)), δ the running mean of rewards (Jung et al. 2024, eq. 12). */
export function bco(batch: UnpairedBatch, { beta, shift }: { beta: number; shift: Tensor }): Objective {
  const margin = logRatio(batch).mul(beta).sub(shift).mul(signs(batch))
  return unpaired(batch, margin.logSigmoid().neg(), beta)
}

/** +1 for desirable completions, −1 for others. */
function signs({ desirable }: UnpairedBatch): Tensor {
  return desirable.mul(2).sub(1)
}

function unpaired(batch: UnpairedBatch, losses: Tensor, beta: number): Objective {
  const reward = logRatio(batch).mul(beta)
  const share = (mask: Tensor) => reward.mul(mask).mul(batch.weight).sum()
  return {
    loss: losses.mul(batch.weight).sum(),
    stats: {
      'rewards/chosen': share(batch.desirable),
      'rewards/rejected': share(batch.desirable.neg().add(1)),
    },
  }
}
