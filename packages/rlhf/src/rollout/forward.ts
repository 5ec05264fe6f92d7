import { constant, intArray, linearEntropy, linearLogProbs, ndarray, type Tensor } from '@attune/grad'
import type { Architecture } from '@attune/lm'

type Parameters = Readonly<Record<string, Tensor>>

/** Scalar head of a reward model or separate critic: parameter `score.weight` [1, d], as Hugging Face names it. */
export const rewardHead = 'score'

/** Scalar head of a critic on the policy's own trunk: parameters `value_head.weight` [1, d] and `value_head.bias` [1]. */
export const valueHead = 'value_head'

/** Tokens and their successors, int32 [B, T]. */
export interface TracedTokens {
  readonly tokens: Tensor
  readonly targets: Tensor
  /** Of packed rows: int32 [B, T] each. */
  readonly positions?: Tensor | undefined
  readonly segments?: Tensor | undefined
  /** Where log-probabilities are wanted, as row·T + position, filled up with B·T: int32 [N]; everywhere without it. */
  readonly learnt?: Tensor | undefined
  /** Prompts that rows share, and where the states of `learnt` lie: then no others are computed. */
  readonly shared?: TracedSharedPrompts | undefined
}

/** The traced form of `SharedBatch`, all int32: [R, S] each, and [N]. */
export interface TracedSharedPrompts {
  readonly tokens: Tensor
  readonly positions: Tensor
  readonly segments: Tensor
  readonly parents: Tensor
  readonly read: Tensor
}

/**
 * log π(next token) [B, T] at a temperature, and the final hidden states it was computed from: [B, T, d], or those of
 * the shared rows [R, S, d]. With `learnt`, logits are computed at those positions alone, and the others are 0.
 */
export function tokenLogProbs(
  architecture: Architecture,
  parameters: Parameters,
  {
    tokens,
    targets,
    positions,
    segments,
    learnt,
    shared,
    temperature = 1,
    chunk,
  }: TracedTokens & { temperature?: number; chunk?: number | undefined },
): { logp: Tensor; hidden: Tensor } {
  const packed = { ...(positions ? { positions } : {}), ...(segments ? { segments } : {}) }
  const { hidden } = architecture.trunk(parameters, shared ?? { tokens, ...packed })
  const [batch, time] = tokens.shape as [number, number]
  const size = batch * time
  const rows = hidden.reshape([-1, architecture.width])
  const next = targets.reshape([size])
  const logpOf = (states: Tensor, targets: Tensor) =>
    linearLogProbs(states, architecture.unembedding(parameters), {
      targets,
      temperature,
      ...(chunk ? { chunk } : {}),
    })
  if (!learnt) return { logp: logpOf(rows, next).reshape([batch, time]), hidden }
  const known = learnt.minimum(constant(intArray([size - 1], [])))
  const found = logpOf(rows.gather(shared?.read ?? known), next.gather(known))
  // what fills `learnt` up goes to a place beyond the end
  const spread = zerosOf(size + 1).scatterAdd(learnt, found)
  return { logp: spread.slice(0, 0, size).reshape([batch, time]), hidden }
}

/** The traced form of `PackedTokens`. */
export interface TracedPackedTokens {
  readonly shared: Omit<TracedSharedPrompts, 'read'>
  readonly read: Tensor
  readonly targets: Tensor
  readonly tokenWeights: Tensor
  readonly owner: Tensor
  readonly sums: Tensor
}

/** Σ_t w_t·log π(y_t) of packed completions, by their numbers: [count]. */
export function packedLogProbs(
  architecture: Architecture,
  parameters: Parameters,
  {
    shared,
    read,
    targets,
    tokenWeights,
    owner,
    sums,
    temperature,
  }: TracedPackedTokens & { temperature: number },
): Tensor {
  const { hidden } = architecture.trunk(parameters, shared)
  const states = hidden.reshape([-1, architecture.width]).gather(read)
  const logp = linearLogProbs(states, architecture.unembedding(parameters), { targets, temperature })
  return sums.scatterAdd(owner, logp.mul(tokenWeights))
}

/** log Σ_v π(v)² [B, T], the log-probability that two draws of the next token are the same, from final hidden states [B, T, d]. */
export function tokenCollision(
  architecture: Architecture,
  parameters: Parameters,
  { hidden }: { hidden: Tensor },
): Tensor {
  const [batch, time] = hidden.shape as [number, number]
  const rows = hidden.reshape([batch * time, architecture.width])
  const logits = rows.matmul(architecture.unembedding(parameters), { transposeB: true })
  const collision = logits.mul(2).logsumexp(-1).sub(logits.logsumexp(-1).mul(2))
  return collision.reshape([batch, time])
}

function zerosOf(size: number): Tensor {
  return constant(ndarray([0], [1])).broadcastTo([size])
}

/** Entropy [B, T] of the next token's distribution at a temperature, from final hidden states [B, T, d]. */
export function tokenEntropy(
  architecture: Architecture,
  parameters: Parameters,
  { hidden, temperature }: { hidden: Tensor; temperature: number },
): Tensor {
  const [batch, time] = hidden.shape as [number, number]
  const rows = hidden.reshape([batch * time, architecture.width])
  return linearEntropy(rows, architecture.unembedding(parameters), { temperature }).reshape([batch, time])
}

/** Scalar head `w·h (+ b)` of every position: hidden [B, T, d] → [B, T]. */
export function scalarHead(hidden: Tensor, parameters: Parameters, head: string): Tensor {
  const [batch, time] = hidden.shape as [number, number]
  const bias = parameters[`${head}.bias`]
  return hidden.linear(parameters[`${head}.weight`]!, { transposeB: true, bias }).reshape([batch, time])
}

/** Scalar head at one position of every row: hidden [B, T, d], positions row·T + t [B] → [B]. */
export function scalarAt(
  hidden: Tensor,
  parameters: Parameters,
  { head, positions }: { head: string; positions: Tensor },
): Tensor {
  const rows = hidden.reshape([-1, hidden.shape[2]!]).gather(positions)
  const bias = parameters[`${head}.bias`]
  return rows.linear(parameters[`${head}.weight`]!, { transposeB: true, bias }).reshape([positions.shape[0]!])
}
