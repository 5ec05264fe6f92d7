import { type Delay, gammaDelay, uniformDelay } from '@attune/control'
import { z } from 'zod'
import { positive } from '../../recipe/fields.ts'

/** Density of the delay between what a person sees and their signal, in seconds. */
export const delaySchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('uniform'),
    low: z.number().min(0).default(0.2),
    high: positive.default(0.6),
  }),
  z.strictObject({ kind: z.literal('gamma'), shape: positive.default(2), scale: positive.default(0.28) }),
])

/** The distribution of delays that a recipe names. */
export function delayOf({ delay }: { readonly delay: z.output<typeof delaySchema> }): Delay {
  return delay.kind === 'uniform' ? uniformDelay(delay.low, delay.high) : gammaDelay(delay.shape, delay.scale)
}
