export type { Colour, Drawing, Figure } from '@attune/feedback'
export { type DqnLearner, type DqnParts, dqnLearner } from './dqn/dqn-learner.ts'
export {
  doubleTargets,
  duelingValues,
  largeMarginLoss,
  temporalDifferenceLoss,
  type ValuedActions,
} from './dqn/objectives.ts'
export type { DqnOptions, ImitationOptions } from './dqn/options.ts'
export { checked } from './envs/checked.ts'
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
export { type Game, gameEnvironment } from './games/game.ts'
export type { Draws, GridGame, Move } from './games/grid-game.ts'
export { gridWorld } from './games/grid-world.ts'
export { tetrisFeatures } from './games/tetris.ts'

export { a2c, a2cNumbers, a2cObjectives, policyGradientSurrogate } from './learn/a2c.ts'
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
export {
  type Actor,
  drawActions,
  type Evaluation,
  evaluate,
  executable,
  type PlayedPolicy,
  type Policy,
  seen,
} from './learn/policy.ts'
export { ppo } from './learn/ppo.ts'
export type {
  PpoOptions,
  PpoRecord,
  PpoRun,
  RewardedSteps,
  RolloutReward,
  ValueObjective,
} from './learn/ppo-options.ts'
export { squaredValueLoss } from './learn/ppo-program.ts'
export type { Rollout } from './learn/record.ts'
export { type Collected, collect, type RolloutStart } from './learn/rollout.ts'
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
export { type Clip, type ClipPair, clipPlaces, type RecordedRollout, trueReturn } from './preferences/clip.ts'
export { type Demonstrations, demonstrate } from './preferences/demonstrate.ts'
export {
  cloneBehaviour,
  demonstrationJudgments,
  withDemonstrations,
} from './preferences/demonstrations.ts'
export {
  disagreementPairs,
  type Fragmenter,
  type FragmenterOptions,
  randomPairs,
} from './preferences/fragment.ts'
export { itemOf, type PreferenceGatherer, simulatedGatherer } from './preferences/gather.ts'
export {
  type ClipJudgment,
  goneMessage,
  type LabelledPair,
  type ReadLabels,
  readLabels,
} from './preferences/labels.ts'
export { type ClipBatch, lapsedPreferenceLoss, preferenceOf } from './preferences/objective.ts'
export { clipDrawings } from './preferences/picture.ts'
export { type PolicyLearner, ppoLearner } from './preferences/policy-learner.ts'
export {
  type PreferenceOptions,
  type PreferenceRecord,
  type PreferenceRoles,
  type PreferenceState,
  preferenceComparisons,
} from './preferences/preference-comparisons.ts'
export {
  type RewardLearner,
  type RewardLearnerOptions,
  type RewardState,
  rewardLearner,
} from './preferences/reward-learner.ts'
export { type RewardNetwork, rewardNetwork, rewardParameters } from './preferences/reward-network.ts'
export {
  constantLabelRate,
  hyperbolicLabelRate,
  inverseQuadraticLabelRate,
  type LabelRate,
  labelSchedule,
} from './preferences/schedule.ts'
export { evennessScore } from './preferences/scores.ts'
export { stateEntropyReward } from './preferences/state-entropy.ts'
export { type BehaviourSpace, epsilonMeans } from './rankings/behaviour.ts'
export {
  type PolicyIterationOptions,
  type PolicyIterationRun,
  preferenceBasedPolicyIteration,
  type Trace,
} from './rankings/policy-iteration.ts'
export {
  type PolicySearchOptions,
  type PolicySearchRecord,
  type PolicySearchRun,
  preferenceBasedPolicySearch,
  type Shown,
} from './rankings/policy-search.ts'
export { rankingSvm } from './rankings/ranking-svm.ts'
export { animatedPng } from './render/animation.ts'
export { png } from './render/png.ts'
export { drawingSvg, type StripOptions, stripSvg } from './render/svg.ts'
export { type Replay, replay, type Transition } from './replay/replay.ts'
export {
  type ReplayAgent,
  type ReplayLearner,
  type ReplayLearnerOptions,
  type ReplayState,
  replayLearner,
} from './replay/replay-learner.ts'
export { takeParameters } from './replay/tensors.ts'
export { sacActor } from './sac/actor.ts'
export type { SacOptions } from './sac/options.ts'
export { type SacLearner, sacLearner } from './sac/sac-learner.ts'
export { credits, type Delay, gammaDelay, type Interval, uniformDelay } from './tamer/credit.ts'
export { binFeatures, radialFeatures, type StateActionFeatures, wellFeatures } from './tamer/features.ts'
export { greedyReturns } from './tamer/greedy.ts'
export { dot } from './tamer/linear.ts'
export { type RecordedStep, recordedTrainer } from './tamer/recorded.ts'
export { type SarsaOptions, sarsa } from './tamer/sarsa.ts'
export { type TamerOptions, type TamerRecord, type TamerRun, tamer } from './tamer/tamer.ts'
export { trainerTaste, trainerTastes } from './tamer/tastes.ts'
export {
  type Seen,
  type Signal,
  type SimulatedTrainerOptions,
  simulatedTrainer,
  type TamerTrainer,
  type Watched,
} from './tamer/trainer.ts'
