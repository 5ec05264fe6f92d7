import { constant, intArray, linearEntropy, linearLogProbs, ndarray, type Tensor } from '@attune/grad'
import type { Architecture, TrunkInput } from '@attune/lm'

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

/** Final states [N, d] of a batch's `learnt` positions, or of all [B·T, d] without them; for `atPositions`. */
export function learntStates(
  architecture: Architecture,
  parameters: Parameters,
  { tokens, positions, segments, learnt, shared }: Omit<TracedTokens, 'targets'>,
): Tensor {
  const text: TrunkInput = shared ?? {
    tokens,
    ...(positions ? { positions } : {}),
    ...(segments ? { segments } : {}),
  }
  const places = shared?.read ?? (learnt && withinBatch(learnt, tokens))
  const { hidden } = architecture.trunk(parameters, { ...text, ...(places ? { places } : {}) })
  return hidden.reshape([-1, architecture.width])
}

/** What fills `learnt` up lies beyond the batch; here it is the last position. */
function withinBatch(learnt: Tensor, { shape: [batch, time] }: Tensor): Tensor {
  return learnt.minimum(constant(intArray([batch! * time! - 1], [])))
}

/**
 * A function of single states [N, d] → [N] at every position [B, T] of a batch, from its `learntStates`: 0 where none are
 * learnt. `pick` takes of other values [B·T] those of the states.
 */
export function atPositions(
  states: Tensor,
  { tokens, learnt }: Pick<TracedTokens, 'tokens' | 'learnt'>,
  of: (states: Tensor, pick: (values: Tensor) => Tensor) => Tensor,
): Tensor {
  const [batch, time] = tokens.shape as [number, number]
  const size = batch * time
  if (!learnt) return of(states, (values) => values).reshape([batch, time])
  const found = of(states, (values) => values.gather(withinBatch(learnt, tokens)))
  // what fills `learnt` up goes to a place beyond the end
  const spread = zerosOf(size + 1).scatterAdd(learnt, found)
  return spread.slice(0, 0, size).reshape([batch, time])
}

/** log π(next token) [B, T] at a temperature, and the states it was computed from, for `atPositions`. */
export function tokenLogProbs(
  architecture: Architecture,
  parameters: Parameters,
  { temperature = 1, chunk, ...batch }: TracedTokens & { temperature?: number; chunk?: number | undefined },
): { logp: Tensor; states: Tensor } {
  const states = learntStates(architecture, parameters, batch)
  const next = batch.targets.reshape([-1])
  const logp = atPositions(states, batch, (rows, pick) =>
    linearLogProbs(rows, architecture.unembedding(parameters), {
      targets: pick(next),
      temperature,
      ...(chunk ? { chunk } : {}),
    }),
  )
  return { logp, states }
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
  const { hidden } = architecture.trunk(parameters, { ...shared, places: read })
  const logp = linearLogProbs(hidden, architecture.unembedding(parameters), { targets, temperature })
  return sums.scatterAdd(owner, logp.mul(tokenWeights))
}

/** Single states [N, d] → log Σ_v π(v)² [N], the log-probability that two draws of the next token are the same. */
export function collision(architecture: Architecture, parameters: Parameters): (states: Tensor) => Tensor {
  return (states) => {
    const logits = states.matmul(architecture.unembedding(parameters), { transposeB: true })
    return logits.mul(2).logsumexp(-1).sub(logits.logsumexp(-1).mul(2))
  }
}

function zerosOf(size: number): Tensor {
  return constant(ndarray([0], [1])).broadcastTo([size])
}

/** Single states [N, d] → entropy [N] of the next token's distribution at a temperature. */
export function entropy(
  architecture: Architecture,
  parameters: Parameters,
  temperature: number,
): (states: Tensor) => Tensor {
  return (states) => linearEntropy(states, architecture.unembedding(parameters), { temperature })
}

/** Single states [N, d] → the scalar head's `w·h (+ b)` [N]. */
export function scalarHead(parameters: Parameters, head: string): (states: Tensor) => Tensor {
  const bias = parameters[`${head}.bias`]
  return (states) => states.linear(parameters[`${head}.weight`]!, { transposeB: true, bias }).squeeze(1)
}
