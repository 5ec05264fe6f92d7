import { makeEnvironment } from '@attune/control'
import type { Condition, Task } from './experiment.ts'

/** Pendulum, where nothing ever ends: clips of 1.25 seconds. */
export const pendulum: Task = {
  make: () => makeEnvironment('Pendulum-v1'),
  environments: 4,
  totalSteps: 160_000,
  steps: 512,
  epochs: 10,
  minibatches: 32,
  learningRate: 1e-3,
  gamma: 0.9,
  clip: 25,
}

/** The true reward, three budgets of labels, and one budget spent at random; in the order in which they are run. */
export const conditions: readonly Condition[] = [
  { labels: 0, selection: 'none' },
  { labels: 100, selection: 'disagreement' },
  { labels: 700, selection: 'disagreement' },
  { labels: 700, selection: 'random' },
  { labels: 300, selection: 'disagreement' },
]

/** A condition's name in figures and files. */
export function nameOf({ labels, selection }: Condition): string {
  return selection === 'none' ? 'true reward' : `${labels} labels, ${selection}`
}
