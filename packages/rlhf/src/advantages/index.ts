export { generalisedAdvantages, type Trajectories, whiten } from './gae.ts'
export {
  centredInGroup,
  centredThenStandardised,
  type GroupAdvantage,
  leaveOneOut,
  scaledByBatch,
  standardisedInBatch,
  standardisedInGroup,
} from './group.ts'
export { adaptiveKl, doublingKl, fixedKl, type KlController, klEstimators } from './kl.ts'
export { rewardToGo, type TokenAdvantage, type TokenRewards } from './token.ts'
