import {
  type Aggregation,
  centredInGroup,
  centredThenStandardised,
  cispo,
  clipped,
  constantLength,
  correctedK3Penalty,
  type GrpoRun,
  k3Penalty,
  leaveOneOut,
  type PolicyGradient,
  type RatioLevel,
  reinforce,
  rewardToGo,
  scaledByBatch,
  sequenceMean,
  sequenceRatio,
  sequenceSum,
  softGate,
  standardisedInBatch,
  standardisedInGroup,
  type TokenSurrogate,
  tokenMean,
  tokenRatio,
  wholeSequenceRatio,
} from '@attune/rlhf'
import { z } from 'zod'
import { positive } from './fields.ts'

/** What a token gains. */
const surrogate = z.discriminatedUnion('kind', [
  /** PPO's clip; DAPO raises `high`, INTELLECT-2 caps the ratio at `delta`. */
  z.strictObject({
    kind: z.literal('clip'),
    low: positive.default(0.2),
    high: positive.optional(),
    delta: positive.optional(),
  }),
  z.strictObject({ kind: z.literal('cispo'), cap: positive.default(5) }),
  z.strictObject({
    kind: z.literal('soft_gate'),
    positive_temperature: positive.default(1),
    negative_temperature: positive.default(1.05),
  }),
  z.strictObject({ kind: z.literal('reinforce') }),
])

/** How tokens are averaged. */
const aggregation = z.enum(['sequence_mean', 'token_mean', 'constant_length', 'sequence_sum'])

const ratios: Readonly<Record<string, RatioLevel>> = {
  token: tokenRatio,
  sequence: sequenceRatio,
  whole_sequence: wholeSequenceRatio,
}

const advantages = {
  group: standardisedInGroup,
  centred: centredInGroup,
  group_mean_batch_deviation: scaledByBatch,
  leave_one_out: leaveOneOut,
  batch: standardisedInBatch,
  centred_then_batch: centredThenStandardised,
  reward_to_go: rewardToGo,
} as const satisfies Readonly<Record<string, GrpoRun['advantage']>>

/** The three parts of an algorithm and its KL penalty, as recipes write them; the defaults are GRPO's. */
export const policyGradientFields = {
  surrogate: surrogate.default({ kind: 'clip', low: 0.2 }),
  /** Level of the importance ratio: GRPO's tokens, GSPO's sequences, or the product over a sequence. */
  ratio: z.enum(['token', 'sequence', 'whole_sequence']).default('token'),
  aggregation: aggregation.default('sequence_mean'),
  advantage: z
    .enum(Object.keys(advantages) as [keyof typeof advantages, ...(keyof typeof advantages)[]])
    .default('group'),
  /** β of the penalty on KL to the reference: in the loss (k3, GRPO) or in the reward (k1, RLOO); 0 needs no reference. */
  kl: z
    .strictObject({
      in: z.enum(['loss', 'reward']).default('loss'),
      coefficient: z.number().min(0),
      /** In the loss: k3 alone, or k3 times the importance ratio, whose gradient is unbiased (TRL's default since 1.10). */
      estimate: z.enum(['k3', 'corrected_k3']).default('k3'),
    })
    .refine((kl) => kl.in === 'loss' || kl.estimate === 'k3', {
      path: ['estimate'],
      message: 'the penalty in the reward is k1; leave it out, or take in: loss',
    })
    .default({ in: 'loss', coefficient: 0, estimate: 'k3' }),
}

/** The parts as a recipe names them. */
export type PolicyGradientFields = z.infer<z.ZodObject<typeof policyGradientFields>>

/** The algorithm that a recipe's parts make. */
export function policyGradientOf(
  fields: PolicyGradientFields,
  { maxNewTokens }: { maxNewTokens: number },
): { objective: PolicyGradient; advantage: GrpoRun['advantage']; rewardKlCoefficient: number } {
  const { kl } = fields
  return {
    objective: {
      surrogate: surrogateOf(fields.surrogate),
      ratio: ratios[fields.ratio]!,
      aggregation: aggregationOf(fields.aggregation, maxNewTokens),
      klCoefficient: kl.in === 'loss' ? kl.coefficient : 0,
      klPenalty: kl.estimate === 'k3' ? k3Penalty : correctedK3Penalty,
    },
    advantage: advantages[fields.advantage],
    rewardKlCoefficient: kl.in === 'reward' ? kl.coefficient : 0,
  }
}

function surrogateOf(fields: PolicyGradientFields['surrogate']): TokenSurrogate {
  switch (fields.kind) {
    case 'clip': {
      const { low, high = low, delta } = fields
      return clipped({ low, high, ...(delta === undefined ? {} : { delta }) })
    }
    case 'cispo':
      return cispo(fields)
    case 'soft_gate':
      return softGate({
        positiveTemperature: fields.positive_temperature,
        negativeTemperature: fields.negative_temperature,
      })
    case 'reinforce':
      return reinforce
  }
}

function aggregationOf(name: z.infer<typeof aggregation>, maxNewTokens: number): Aggregation {
  switch (name) {
    case 'sequence_mean':
      return sequenceMean
    case 'token_mean':
      return tokenMean
    case 'sequence_sum':
      return sequenceSum
    case 'constant_length':
      return constantLength(maxNewTokens)
  }
}
