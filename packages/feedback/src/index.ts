export type {
  AiAnnotator,
  Annotator,
  AnnotatorSource,
  JudgmentRecord,
  PersonAnnotator,
  SimulatedAnnotator,
} from './model/annotator.ts'
export type { Comparison, Preference } from './model/comparison.ts'
export type { Judgment } from './model/judgment.ts'
export { pairsOfRanking, type Ranking } from './model/ranking.ts'
export type { BinaryJudgment, Rating } from './model/rating.ts'
export {
  type AnswerKey,
  goldAccuracy,
  noiseCeiling,
  preferenceProbability,
  simulateComparison,
  simulatedAnnotator,
  simulateRanking,
} from './simulate/annotator.ts'
export { type GoldQuestion, judgeComparison, judgeRanking, type LabellingContext } from './simulate/judge.ts'
export { bradleyTerryStrengths, type Contest } from './stats/bradley-terry.ts'
export { type CalibrationBin, calibration } from './stats/calibration.ts'
export { distinctN, repetitionRate } from './stats/diversity.ts'
export {
  type BootstrapOptions,
  bootstrap,
  bootstrapMean,
  type Estimate,
  normalMean,
  wilsonInterval,
  winRate,
} from './stats/interval.ts'
export {
  type HistogramBin,
  histogram,
  mean,
  quantiles,
  standardDeviation,
  standardError,
} from './stats/summary.ts'
