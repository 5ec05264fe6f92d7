import { z } from 'zod'
import { recordFields } from './record.ts'
import { promptSchema } from './text.ts'

/** K completions of one prompt in order, best first. */
export const rankingSchema = z
  .strictObject({
    kind: z.literal('ranking'),
    ...recordFields,
    prompt: promptSchema,
    completions: z.array(z.string()).min(2).readonly(),
    /** Indices into `completions`, best first. */
    order: z.array(z.number().int().nonnegative()).readonly(),
    /** Places (0 is the best) that tie with the next one. */
    ties: z.array(z.number().int().nonnegative()).readonly().optional(),
  })
  .refine(
    ({ completions, order }) => [...order].sort((a, b) => a - b).join() === [...completions.keys()].join(),
    'order must name each completion once',
  )

/** K completions of one prompt in order, best first. */
export type Ranking = Readonly<z.infer<typeof rankingSchema>>

/** The index pairs that a ranking implies, better one first: K(K − 1)/2 of them where nothing ties. */
export function pairsOfRanking(
  order: readonly number[],
  ties: readonly number[] = [],
): [better: number, worse: number][] {
  const levels: number[] = []
  order.forEach((_, place) => {
    levels.push(place === 0 ? 0 : levels[place - 1]! + (ties.includes(place - 1) ? 0 : 1))
  })
  return order.flatMap((better, place) =>
    order
      .map((worse, other): [number, number, number] => [better, worse, other])
      .filter(([, , other]) => levels[other]! > levels[place]!)
      .map(([a, b]): [number, number] => [a, b]),
  )
}
