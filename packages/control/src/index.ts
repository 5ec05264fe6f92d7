export { checked } from './envs/checked.ts'
export type { Colour, Drawing, Figure } from './envs/drawing.ts'
export type { Action, Environment, EnvironmentMaker, EnvironmentState, Step } from './envs/environment.ts'
export { type Episodes, episodes } from './envs/episodes.ts'
export { type EnvironmentOptions, environmentIds, makeEnvironment } from './envs/make.ts'
export type { View } from './envs/mujoco/draw.ts'
export type { Simulation } from './envs/mujoco/simulation.ts'
export { mujocoEnvironment, noisyStart, type Outcome, type Task } from './envs/mujoco/task.ts'
export * as mujocoTasks from './envs/mujoco/tasks.ts'
export { type Box, box, type Discrete, discrete, type Space, spaceSize } from './envs/space.ts'
export { timeLimit } from './envs/time-limit.ts'
export {
  batched,
  type EndedEpisode,
  type VectorEnvironment,
  type VectorState,
  type VectorStep,
  vectorise,
} from './envs/vector.ts'
export { vectoriseInWorkers, type WorkerOptions } from './envs/workers.ts'
export { type Experience, episodicAdvantages } from './learn/advantages.ts'
export {
  type MomentsState,
  normalised,
  type RewardScaler,
  type RewardScalerState,
  type RunningMoments,
  rewardScaler,
  runningMoments,
} from './learn/normalise.ts'
export { type Evaluation, evaluate, executable, type Policy, seen } from './learn/policy.ts'
export { ppo } from './learn/ppo.ts'
export type { PpoOptions, PpoRecord, PpoRun, RolloutReward, ValueObjective } from './learn/ppo-options.ts'
export { squaredValueLoss } from './learn/ppo-program.ts'
export { type Collected, collect, type Rollout, type RolloutStart } from './learn/rollout.ts'
export {
  type Acting,
  type ActorCritic,
  compiledActing,
  type Forward,
  mlpActorCritic,
} from './policies/actor-critic.ts'
export { convolutionalActorCritic } from './policies/convolutional.ts'
export { categorical, type Distribution, distributionOf, gaussian } from './policies/distribution.ts'
export { orthogonal } from './policies/orthogonal.ts'
export { type Perceptron, perceptron, perceptronParameters, plainPerceptron } from './policies/perceptron.ts'
export { png } from './render/png.ts'
export { drawingSvg, type StripOptions, stripSvg } from './render/svg.ts'
