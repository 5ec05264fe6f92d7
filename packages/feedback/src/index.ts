export type { Annotator, AnnotatorSource, JudgmentRecord } from './model/annotator.ts'
export type { Comparison, Ranking } from './model/comparison.ts'
export {
  noiseCeiling,
  preferenceProbability,
  type SimulatedAnnotator,
  simulateComparison,
  simulatedAnnotator,
  simulateRanking,
} from './simulate/annotator.ts'
export { type CalibrationBin, calibration } from './stats/calibration.ts'
export { distinctN } from './stats/diversity.ts'
export {
  bootstrapMean,
  type Estimate,
  mean,
  standardDeviation,
  wilsonInterval,
  winRate,
} from './stats/interval.ts'
