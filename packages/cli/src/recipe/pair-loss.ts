import {
  alphaDivergence,
  alphaPo,
  aot,
  aotUnpaired,
  apoDown,
  apoZero,
  bcoPair,
  completionLoss,
  conservativeDpo,
  cpo,
  type Divergence,
  discoPop,
  dpo,
  exo,
  forwardKl,
  hinge,
  ipo,
  jensenShannon,
  lengthNormalisedDpo,
  nca,
  orpo,
  type PairLoss,
  reverseKl,
  robustDpo,
  simPo,
  sppoHard,
  sumOfLosses,
} from '@attune/rlhf'
import { z } from 'zod'

const beta = z.number().positive().default(0.1)
const flip = z.number().min(0).max(1)

/** What keeps the policy near its reference in DPO (Wang et al. 2024); the reverse KL is plain DPO. */
const divergence = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('reverse_kl') }),
  z.strictObject({ kind: z.literal('forward_kl') }),
  z.strictObject({ kind: z.literal('js_divergence') }),
  z.strictObject({ kind: z.literal('alpha_divergence'), alpha: z.number().min(0).lt(1).default(0.5) }),
])

/** Losses that need a reference, and their numbers, under the names of TRL. */
const withReference = [
  z.strictObject({
    kind: z.literal('sigmoid'),
    beta,
    divergence: divergence.default({ kind: 'reverse_kl' }),
  }),
  z.strictObject({ kind: z.literal('sigmoid_norm'), beta: z.number().positive().default(5) }),
  z.strictObject({ kind: z.literal('hinge'), beta }),
  z.strictObject({ kind: z.literal('ipo'), beta }),
  z.strictObject({ kind: z.literal('cdpo'), beta, flip: flip.default(0.1) }),
  z.strictObject({ kind: z.literal('robust'), beta, flip: flip.default(0.1) }),
  z.strictObject({ kind: z.literal('exo_pair'), beta, flip: flip.default(1e-3) }),
  z.strictObject({ kind: z.literal('nca_pair'), beta }),
  z.strictObject({ kind: z.literal('bco_pair'), beta }),
  z.strictObject({ kind: z.literal('sppo_hard'), beta }),
  z.strictObject({ kind: z.literal('apo_zero'), beta }),
  z.strictObject({ kind: z.literal('apo_down'), beta }),
  z.strictObject({ kind: z.literal('aot'), beta, flip: flip.default(0) }),
  z.strictObject({ kind: z.literal('aot_unpaired'), beta, flip: flip.default(0) }),
  z.strictObject({ kind: z.literal('discopop'), beta, tau: z.number().positive().default(0.05) }),
] as const

/** Losses without a reference. */
const referenceFree = [
  z.strictObject({
    kind: z.literal('simpo'),
    beta: z.number().positive().default(2),
    gamma: z.number().default(0.5),
  }),
  z.strictObject({
    kind: z.literal('alphapo'),
    beta: z.number().positive().default(2),
    gamma: z.number().default(0.5),
    alpha: z.number().default(0.25),
  }),
  z.strictObject({ kind: z.literal('cpo'), beta, flip: flip.default(0) }),
  z.strictObject({ kind: z.literal('orpo'), beta }),
] as const

/** A direct loss with its numbers, as recipes write it. */
export const pairLossSchema = z.discriminatedUnion('kind', [...withReference, ...referenceFree])

/** Losses that sort over the batch: it may not be cut. */
export const wholeBatchLosses: readonly string[] = ['aot', 'aot_unpaired']

/** A direct loss as a recipe names it. */
export type PairLossFields = z.infer<typeof pairLossSchema>

/** Does the loss compare with a reference policy? */
export function needsReference({ kind }: PairLossFields): boolean {
  return withReference.some(({ shape }) => shape.kind.value === kind)
}

/** Losses whose papers add the chosen completion's cross-entropy to what compares: without it nothing holds the policy. */
const withCompletion: readonly string[] = ['cpo', 'orpo']

/** The named loss, with so many times the chosen completion's cross-entropy (RPO); by default once for CPO and ORPO. */
export function pairLossOf(
  fields: PairLossFields,
  completionWeight: number = withCompletion.includes(fields.kind) ? 1 : 0,
): PairLoss {
  const loss = named(fields)
  return completionWeight === 0
    ? loss
    : sumOfLosses([
        { loss, weight: 1 },
        { loss: completionLoss, weight: completionWeight },
      ])
}

function named(fields: PairLossFields): PairLoss {
  switch (fields.kind) {
    case 'sigmoid':
      return dpo({ beta: fields.beta, divergence: divergenceOf(fields.divergence) })
    case 'sigmoid_norm':
      return lengthNormalisedDpo(fields)
    case 'hinge':
      return hinge(fields)
    case 'ipo':
      return ipo({ tau: fields.beta })
    case 'cdpo':
      return conservativeDpo(fields)
    case 'robust':
      return robustDpo(fields)
    case 'exo_pair':
      return exo(fields)
    case 'nca_pair':
      return nca(fields)
    case 'bco_pair':
      return bcoPair(fields)
    case 'sppo_hard':
      return sppoHard(fields)
    case 'apo_zero':
      return apoZero(fields)
    case 'apo_down':
      return apoDown(fields)
    case 'aot':
      return aot(fields)
    case 'aot_unpaired':
      return aotUnpaired(fields)
    case 'discopop':
      return discoPop(fields)
    case 'simpo':
      return simPo(fields)
    case 'alphapo':
      return alphaPo(fields)
    case 'cpo':
      return cpo(fields)
    case 'orpo':
      return orpo(fields)
  }
}

function divergenceOf(fields: z.infer<typeof divergence>): Divergence {
  switch (fields.kind) {
    case 'reverse_kl':
      return reverseKl
    case 'forward_kl':
      return forwardKl
    case 'js_divergence':
      return jensenShannon
    case 'alpha_divergence':
      return alphaDivergence(fields.alpha)
  }
}
