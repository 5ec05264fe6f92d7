import { z } from 'zod'

/** A human being; the id is what records refer to. */
export const personAnnotatorSchema = z.strictObject({
  id: z.string().min(1),
  source: z.literal('person'),
  /** Name to show. */
  name: z.string().optional(),
  /** Group of people whose preferences are looked at apart. */
  group: z.string().optional(),
})

/** Answers computed from a hidden gold score with noise of known size. */
export const simulatedAnnotatorSchema = z.strictObject({
  id: z.string().min(1),
  source: z.literal('simulated'),
  /** τ of P(a ≻ b) = σ((g_a − g_b)/τ): 0 always follows the gold score. */
  temperature: z.number().nonnegative(),
  /** Probability of an answer that ignores the completions. */
  lapseRate: z.number().min(0).max(1),
  group: z.string().optional(),
})

/** A language model as judge. */
export const aiAnnotatorSchema = z.strictObject({
  id: z.string().min(1),
  source: z.literal('ai'),
  /** Name or folder of the model. */
  model: z.string().optional(),
  group: z.string().optional(),
})

/** One judge; a simulated one carries how it errs, so that a record always says what it is worth. */
export const annotatorSchema = z.discriminatedUnion('source', [
  personAnnotatorSchema,
  simulatedAnnotatorSchema,
  aiAnnotatorSchema,
])

/** A human being. */
export type PersonAnnotator = Readonly<z.infer<typeof personAnnotatorSchema>>
/** Answers computed from a hidden gold score with noise of known size. */
export type SimulatedAnnotator = Readonly<z.infer<typeof simulatedAnnotatorSchema>>
/** A language model as judge. */
export type AiAnnotator = Readonly<z.infer<typeof aiAnnotatorSchema>>
/** One judge: a person, a simulation or a model. */
export type Annotator = PersonAnnotator | SimulatedAnnotator | AiAnnotator
/** Who judged: a person, a simulation or a model. */
export type AnnotatorSource = Annotator['source']
