/** Who judged: a person, a simulation or a model. */
export type AnnotatorSource = 'person' | 'simulated' | 'ai'

/** One judge. */
export interface Annotator {
  readonly id: string
  readonly source: AnnotatorSource
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
