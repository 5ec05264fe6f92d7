/** Numbers of soft actor-critic. */
export interface SacOptions {
  readonly seed: number
  readonly iterations: number
  /** Steps of each environment in an iteration. */
  readonly steps: number
  /** Steps with random actions before the first update. */
  readonly randomSteps: number
  readonly batchSize: number
  readonly updatesPerStep: number
  readonly learningRate: number
  readonly gamma: number
  /** Share of the critics that their slow copies take over at each update. */
  readonly tau: number
  readonly hidden: readonly number[]
}
