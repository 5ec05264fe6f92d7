import { z } from 'zod'
import { type GoldName, goldScores } from '../gold/gold.ts'
import { source } from './source.ts'

const weight = z.number().default(1)

/** One part of a reward, as recipes write it. */
export const rewardPart = z.discriminatedUnion('kind', [
  /** A reward model of this project. */
  z.strictObject({ kind: z.literal('model'), model: source, weight }),
  /** A built-in score of the completion's text. */
  z.strictObject({
    kind: z.literal('gold'),
    gold: z.enum(Object.keys(goldScores) as [GoldName, ...GoldName[]]),
    weight,
  }),
  /** A function of the user's own: the default export of a TypeScript or JavaScript file. */
  z.strictObject({ kind: z.literal('function'), file: source, weight }),
])

/** A part as a recipe names it. */
export type RewardPart = z.infer<typeof rewardPart>
