import { type EnvironmentMaker, makeEnvironment, mujocoTasks } from '@attune/control'
import { gameAfterGame, withoutEnds } from './endless.ts'

/** One task with the numbers that PPO learns it with; the same for every arm. */
export interface Task {
  readonly title: string
  readonly make: EnvironmentMaker
  /**
   * A game that is evaluated as it is, with drawn actions, and learnt by a convolutional policy. In training one game follows another
   * within an episode; the return is the mean score of those that were over.
   */
  readonly game?: string
  readonly environments: number
  readonly totalSteps: number
  /** Steps of every environment in an iteration. */
  readonly steps: number
  readonly epochs: number
  readonly minibatches: number
  readonly learningRate: number
  readonly gamma: number
  readonly entropy: number
  /** Updates of the reward ensemble at every iteration but the first, which has 500. */
  readonly rewardUpdates: number
  /** Steps of a clip. */
  readonly clip: number
}

/** CleanRL's numbers for MuJoCo, with the paper's bonus of 0.01 on entropy (0.001 for Swimmer) and clips of 1 to 2 seconds. */
const mujoco = {
  environments: 1,
  totalSteps: 400_000,
  steps: 2048,
  epochs: 10,
  minibatches: 32,
  learningRate: 3e-4,
  gamma: 0.99,
  entropy: 0.01,
  rewardUpdates: 20,
  clip: 40,
} as const

/** Eight games side by side, and a clip of 25 moves as in the paper's Atari. */
const minAtar = {
  environments: 8,
  totalSteps: 400_000,
  steps: 256,
  epochs: 4,
  minibatches: 8,
  learningRate: 1e-3,
  gamma: 0.99,
  entropy: 0.01,
  rewardUpdates: 10,
  clip: 25,
} as const

function minAtarGame(name: string, title = name): Task {
  const id = `MinAtar/${name}`
  return { ...minAtar, title, game: id, make: gameAfterGame(id, 500) }
}

const { hopper, walker2d, invertedPendulum, ant } = mujocoTasks

/** Tasks by the names that files have. */
export const tasks: Readonly<Record<string, Task>> = {
  pendulum: {
    title: 'Pendulum',
    make: () => makeEnvironment('Pendulum-v1'),
    environments: 4,
    totalSteps: 200_000,
    steps: 512,
    epochs: 10,
    minibatches: 32,
    learningRate: 1e-3,
    gamma: 0.9,
    entropy: 0.01,
    rewardUpdates: 40,
    clip: 25,
  },
  hopper: { ...mujoco, title: 'Hopper', make: withoutEnds(hopper(4), 200) },
  'half-cheetah': {
    ...mujoco,
    title: 'HalfCheetah',
    make: () => makeEnvironment('HalfCheetah-v4'),
    clip: 30,
  },
  walker2d: { ...mujoco, title: 'Walker2d', make: withoutEnds(walker2d(4), 200) },
  swimmer: {
    ...mujoco,
    title: 'Swimmer',
    make: () => makeEnvironment('Swimmer-v4'),
    gamma: 0.9999,
    entropy: 0.001,
  },
  reacher: { ...mujoco, title: 'Reacher', make: () => makeEnvironment('Reacher-v4'), clip: 25 },
  'inverted-pendulum': {
    ...mujoco,
    title: 'InvertedPendulum',
    make: withoutEnds(invertedPendulum(4), 100),
    totalSteps: 200_000,
  },
  ant: {
    ...mujoco,
    title: 'Ant',
    make: withoutEnds(ant(4), 1000),
    totalSteps: 250_000,
    clip: 30,
  },
  breakout: minAtarGame('Breakout'),
  'space-invaders': minAtarGame('SpaceInvaders', 'Space Invaders'),
  seaquest: minAtarGame('Seaquest'),
  asterix: minAtarGame('Asterix'),
}

/** What a run learns from. */
export interface Arm {
  readonly title: string
  /** Labels in all; none for the true reward. */
  readonly labels: number
  readonly selection: 'none' | 'disagreement' | 'random'
}

/** The paper's arms by the names that files have, in the order in which they are run. */
export const arms: Readonly<Record<string, Arm>> = {
  'true-reward': { title: 'true reward', labels: 0, selection: 'none' },
  'labels-700': { title: '700 labels', labels: 700, selection: 'disagreement' },
  'labels-350': { title: '350 labels', labels: 350, selection: 'disagreement' },
  'labels-1400': { title: '1400 labels', labels: 1400, selection: 'disagreement' },
  'random-700': { title: '700 labels at random', labels: 700, selection: 'random' },
}
