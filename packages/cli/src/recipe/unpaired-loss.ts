import {
  apoZeroUnpaired,
  bco,
  kto,
  mismatchedKl,
  noPoint,
  type ReferencePoint,
  runningRewardMean,
  type UnpairedLoss,
} from '@attune/rlhf'
import { z } from 'zod'

const beta = z.number().positive().default(0.1)

/** A loss on thumbs with its numbers, as recipes write it. */
export const unpairedLossSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kto'), beta }),
  z.strictObject({
    kind: z.literal('bco'),
    beta,
    /** Weighs disliked rows by how likely their prompts are liked ones' (underlying distribution matching). */
    density_ratio: z
      .strictObject({
        min: z.number().min(0).default(0.5),
        max: z.number().positive().default(10),
        /** Rows of either kind that the classifier of prompts learns. */
        rows: z.int().positive().default(1024),
      })
      .optional(),
  }),
  z.strictObject({ kind: z.literal('apo_zero_unpaired'), beta }),
])

/** The named loss, with what it compares rewards with. */
export function unpairedLossOf(fields: z.infer<typeof unpairedLossSchema>): {
  loss: UnpairedLoss
  point: ReferencePoint
} {
  switch (fields.kind) {
    case 'kto':
      return { loss: kto(fields), point: mismatchedKl }
    case 'bco':
      return { loss: bco(fields), point: runningRewardMean(fields.beta) }
    case 'apo_zero_unpaired':
      return { loss: apoZeroUnpaired(fields), point: noPoint }
  }
}
