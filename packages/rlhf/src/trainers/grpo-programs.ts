import {
  type Compiled,
  type NdArray,
  type Parameters,
  type Tensor,
  type ValueAndGradients,
  value,
  valueAndGrad,
} from '@attune/grad'
import type { Architecture } from '@attune/lm'
import { policyGradient } from '../objectives/policy-gradient/policy-gradient.ts'
import { tokenLogProbs } from '../rollout/forward.ts'
import type { SequenceBatch } from '../rollout/sequences.ts'
import type { GrpoOptions, GrpoRun } from './grpo-options.ts'

/** One micro-batch of an update; arrays are [B, T], `sequences` and `count` (of tokens) the whole minibatch's. */
export interface GroupBatch extends SequenceBatch {
  readonly advantage: NdArray
  /** Absent when the batch is used once: then π_old is π_θ. */
  readonly oldLogp: NdArray | undefined
  readonly referenceLogp: NdArray | undefined
  readonly sequences: number
  readonly count: number
}

/** The compiled functions of a run: log π_θ, log π_ref, and the gradient of the objective. */
export interface GrpoPrograms {
  readonly logProbs: Compiled<[Parameters, SequenceBatch], NdArray>
  readonly referenceLogProbs: Compiled<[Parameters, SequenceBatch], NdArray>
  readonly gradient: Compiled<[Parameters, GroupBatch], ValueAndGradients>
  readonly dispose: () => Promise<void>
}

/** Functions for a policy; a reference of the same architecture shares the policy's. */
export function grpoPrograms(
  { policy: { architecture }, reference, objective }: GrpoRun,
  { temperature, device }: GrpoOptions,
): GrpoPrograms {
  const logProbsOf = (model: Architecture) =>
    value<[Parameters, SequenceBatch], Tensor>(
      (weights, batch) => tokenLogProbs(model, weights, { ...batch, temperature }).logp,
      { device },
    )
  const gradient = valueAndGrad<[GroupBatch]>(
    (weights, { advantage, oldLogp, count, mask, ...batch }) => {
      const { logp } = tokenLogProbs(architecture, weights, { ...batch, temperature })
      return policyGradient(objective, {
        ...batch,
        logp,
        mask,
        oldLogp: oldLogp ?? logp.stopGradient(),
        advantage,
        tokens: count,
      })
    },
    { device },
  )
  const logProbs = logProbsOf(architecture)
  const other = reference && reference.architecture !== architecture
  const referenceLogProbs = other ? logProbsOf(reference.architecture) : logProbs
  const dispose = async () => {
    for (const program of new Set([logProbs, referenceLogProbs, gradient])) await program.dispose()
  }
  return { logProbs, referenceLogProbs, gradient, dispose }
}
