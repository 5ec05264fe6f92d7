export {
  alphaDivergence,
  type Divergence,
  forwardKl,
  jensenShannon,
  reverseKl,
} from './direct/divergence.ts'
export {
  apoDown,
  apoZero,
  bcoPair,
  conservativeDpo,
  discoPop,
  dpo,
  exo,
  hinge,
  ipo,
  lengthNormalisedDpo,
  nca,
  robustDpo,
  sppoHard,
} from './direct/dpo.ts'
export { onPolicyWeight, type PolicyTokens } from './direct/on-policy.ts'
export { aot, aotUnpaired } from './direct/optimal-transport.ts'
export { overPairs, type PairBatch, type PairLoss, type ScoredCompletions } from './direct/pair.ts'
export { alphaPo, completionLoss, cpo, orpo, simPo, sumOfLosses } from './direct/reference-free.ts'
export {
  apoZeroUnpaired,
  bco,
  kto,
  type UnpairedBatch,
  type UnpairedLoss,
} from './direct/unpaired.ts'
export { crossEntropy, type TokenBatch } from './language-model.ts'
export { maskedMean, type Objective } from './objective.ts'
export { type ExploratoryBatch, exploratory } from './online/exploratory.ts'
export { type NashBatch, nashMirrorDescent } from './online/nash.ts'
export {
  type Aggregation,
  constantLength,
  sequenceMean,
  sequenceSum,
  tokenMean,
} from './policy-gradient/aggregation.ts'
export { correctedK3Penalty, type KlPenalty, k3Penalty } from './policy-gradient/penalty.ts'
export {
  type PolicyGradient,
  type PolicyGradientBatch,
  policyGradient,
} from './policy-gradient/policy-gradient.ts'
export {
  type RatioLevel,
  sequenceRatio,
  tokenRatio,
  wholeSequenceRatio,
} from './policy-gradient/ratio.ts'
export {
  cispo,
  clipped,
  reinforce,
  softGate,
  type TokenSurrogate,
} from './policy-gradient/surrogate.ts'
export {
  clippedSurrogate,
  clippedValueLoss,
  entropyBonus,
  type PolicyBatch,
  penalisedSurrogate,
  type Surrogate,
  type ValueBatch,
} from './ppo.ts'
export { processReward, type StepBatch } from './process-reward.ts'
export { bradleyTerry, type ComparisonBatch } from './reward.ts'
