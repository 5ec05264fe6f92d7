export * from './advantages/index.ts'
export { type DensityRatioOptions, densityRatios } from './density-ratio/density-ratio.ts'
export * from './objectives/index.ts'
export { finalAnswer, sameAnswer } from './reward/answer.ts'
export { type Combination, ensembleReward, meanOf, uncertaintyWeighted, worstOf } from './reward/ensemble.ts'
export { type JudgeOptions, lmJudge } from './reward/lm-judge.ts'
export { modelReward } from './reward/model.ts'
export { type Preference, preferenceOf } from './reward/preference.ts'
export { type Judged, normalisedReward, type Reward, weightedReward } from './reward/reward.ts'
export { safetyGated, whitened, whitenedReward } from './reward/safety-gate.ts'
export { cosineLength, formatReward, repetitionPenalty, softOverlong, thinkFormat } from './reward/shaping.ts'
export { type Experience, experience, type Rollout } from './rollout/experience.ts'
export { rewardHead, tokenLogProbs, valueHead } from './rollout/forward.ts'
export { geometricMixture } from './rollout/mixture.ts'
export { noReference, remembered, type SequenceScores, sequenceLogProbs } from './rollout/reference.ts'
export { type Sampler, type SamplingNumbers, sampler } from './rollout/sampler.ts'
export { batchIndices } from './rollout/schedule.ts'
export { paddedLength, type Sequence, type SequenceBatch, sequenceBatch } from './rollout/sequences.ts'
export { lengthDesensitised } from './rollout/token-weights.ts'
export {
  type DirectPreferenceOptions,
  directPreference,
  type PreferencePair,
} from './trainers/direct-preference.ts'
export { NotFiniteError } from './trainers/gradient.ts'
export { grpo } from './trainers/grpo.ts'
export type { GrpoOptions, GrpoRun } from './trainers/grpo-options.ts'
export { mixReference, withMovingReference } from './trainers/moving-reference.ts'
export { type NashOptions, type NashRun, nashMd } from './trainers/nash-md.ts'
export { onlineDpo } from './trainers/online-dpo.ts'
export type { OnlineOptions, OnlineRun } from './trainers/online-options.ts'
export type { SequencePair } from './trainers/pair-gradient.ts'
export { ppo } from './trainers/ppo.ts'
export type { PpoOptions, PpoRun } from './trainers/ppo-options.ts'
export { type PretrainOptions, pretrain } from './trainers/pretrain.ts'
export {
  type JudgedSteps,
  type ProcessRewardOptions,
  processRewardModel,
  type StepRows,
  stepBatch,
  stepLogits,
} from './trainers/process-reward-model.ts'
export {
  mismatchedKl,
  noPoint,
  type ReferencePoint,
  runningRewardMean,
} from './trainers/reference-point.ts'
export { type RankedCompletions, type RewardModelOptions, rewardModel } from './trainers/reward-model.ts'
export { type SftOptions, sft } from './trainers/sft.ts'
export type { RunOptions, SampleRecord, StepRecord, Trainable } from './trainers/types.ts'
export {
  type JudgedCompletion,
  type UnpairedPreferenceOptions,
  unpairedPreference,
} from './trainers/unpaired-preference.ts'
export { xpo } from './trainers/xpo.ts'
