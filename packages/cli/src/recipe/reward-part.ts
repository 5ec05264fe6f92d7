import { z } from 'zod'
import { count, gold } from './fields.ts'
import { fileSource, source } from './source.ts'

const weight = z.number().default(1)
/** The column of the prompt's row that holds the solution or its final answer. */
const column = z.string().min(1).default('answer')

/** One part of a reward, as recipes write it. */
export const rewardPart = z.discriminatedUnion('kind', [
  /** A reward model of this project. */
  z.strictObject({ kind: z.literal('model'), model: source, weight }),
  /** Several reward models: their mean, the least of them, or the mean less `coefficient` times their variance. */
  z.strictObject({
    kind: z.literal('ensemble'),
    models: z.array(source).min(2),
    combine: z.enum(['mean', 'worst', 'uncertainty']).default('mean'),
    coefficient: z.number().min(0).default(0.5),
    weight,
  }),
  /** Llama 2: the safety model's score where it is low or the prompt's row says `safety: true`, else the helpfulness model's. */
  z.strictObject({
    kind: z.literal('safety_gate'),
    helpfulness: source,
    safety: source,
    threshold: z.number().gt(0).lt(1).default(0.15),
    weight,
  }),
  /** A built-in score of the completion's text. */
  z.strictObject({ kind: z.literal('gold'), gold, weight }),
  /** 1 where the final number is that of the row's solution (GSM8K), else 0. */
  z.strictObject({ kind: z.literal('answer'), column, weight }),
  /** The same, from `most` tokens on half the reward: right answers better short, wrong ones better long. */
  z.strictObject({ kind: z.literal('cosine_answer'), column, most: count, weight }),
  /** 1 where the text has the form of a pattern; default: one thought in think tags, then the answer. */
  z.strictObject({ kind: z.literal('format'), pattern: z.string().min(1).optional(), weight }),
  /** Down to −1 by the share of repeated runs of `size` words. */
  z.strictObject({ kind: z.literal('repetition'), size: count.default(3), weight }),
  /** DAPO's overlong shaping: 0 up to most − buffer tokens, then down to −1. */
  z.strictObject({ kind: z.literal('overlong'), most: count, buffer: count, weight }),
  /** A function of the user's own: the default export of a TypeScript or JavaScript file. */
  z.strictObject({ kind: z.literal('function'), file: fileSource, weight }),
])

/** A part as a recipe names it. */
export type RewardPart = z.infer<typeof rewardPart>
