export { checked } from './envs/checked.ts'
export type { Colour, Drawing, Figure } from './envs/drawing.ts'
export type { Action, Environment, EnvironmentMaker, EnvironmentState, Step } from './envs/environment.ts'
export { type Episodes, episodes } from './envs/episodes.ts'
export { type EnvironmentOptions, environmentIds, makeEnvironment } from './envs/make.ts'
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
