/** Who judged: a person, a simulation or a model. */
export type AnnotatorSource = 'person' | 'simulated' | 'ai'

/** One judge; a simulated one carries how it errs, so that a record always says what it is worth. */
export type Annotator = PersonAnnotator | SimulatedAnnotator | AiAnnotator

/** A human being. */
export interface PersonAnnotator {
  readonly id: string
  readonly source: 'person'
  /** Name to show; the id is what records refer to. */
  readonly name?: string
}

/** Answers computed from a hidden gold score with noise of known size. */
export interface SimulatedAnnotator {
  readonly id: string
  readonly source: 'simulated'
  /** τ of P(a ≻ b) = σ((g_a − g_b)/τ): 0 always follows the gold score. */
  readonly temperature: number
  /** Probability of an answer that ignores the completions. */
  readonly lapseRate: number
}

/** A language model as judge. */
export interface AiAnnotator {
  readonly id: string
  readonly source: 'ai'
  /** Name or folder of the model. */
  readonly model?: string
}

/** What every judgment knows besides its answer. */
export interface JudgmentRecord {
  /** What was judged. */
  readonly item: string
  readonly annotator: Annotator
  /** ISO 8601 time at which the answer was given. */
  readonly time: string
  /** Version of the question and guidelines that the annotator saw. */
  readonly protocol: string
}
