import { z } from 'zod'

/** An annotator's right to answer one slot of an item until it expires. */
export const leaseSchema = z.strictObject({
  id: z.string().min(1),
  project: z.string().min(1),
  item: z.string().min(1),
  /** Id of the annotator. */
  annotator: z.string().min(1),
  expiresAt: z.iso.datetime(),
})

/** An annotator's right to answer one slot of an item until it expires. */
export type Lease = Readonly<z.infer<typeof leaseSchema>>
