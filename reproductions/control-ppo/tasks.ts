/** Recipes (`recipes/control-<name>.yaml`) and what they are called. */
export const tasks: Readonly<Record<string, string>> = {
  cartpole: 'CartPole',
  pendulum: 'Pendulum',
  'inverted-pendulum': 'InvertedPendulum',
  hopper: 'Hopper',
  'half-cheetah': 'HalfCheetah',
  walker2d: 'Walker2d',
  ant: 'Ant',
  swimmer: 'Swimmer',
  reacher: 'Reacher',
}

/** One recipe with one seed. */
export interface Result {
  /** Mean return of the evaluation's episodes, with the likeliest actions. */
  readonly mean: number
  readonly returns: readonly number[]
  readonly steps: number
  readonly seconds: number
  readonly stepsPerSecond: number
  /** Steps and the mean return of the episodes that ended in that iteration, while training. */
  readonly curve: readonly (readonly [number, number])[]
}

/** All tasks of one seed. */
export interface SeedResults {
  readonly seed: number
  readonly tasks: Readonly<Record<string, Result>>
}
