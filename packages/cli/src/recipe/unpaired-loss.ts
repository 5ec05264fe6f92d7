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
  z.strictObject({ kind: z.literal('bco'), beta }),
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
