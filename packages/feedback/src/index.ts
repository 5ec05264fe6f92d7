export {
  type ArgillaRecord,
  argillaItems,
  argillaJudgments,
  argillaRecords,
} from './exchange/argilla.ts'
export { csvLines } from './exchange/csv.ts'
export { type ImportContext, leftOut } from './exchange/grouped.ts'
export {
  type LabelStudioTask,
  labelStudioItems,
  labelStudioJudgments,
  labelStudioSkips,
  labelStudioTasks,
} from './exchange/label-studio.ts'
export { eventLines, eventsFromLines } from './exchange/lines.ts'
export {
  isConversational,
  type TrlFormat,
  type TrlLanguageModeling,
  type TrlOptions,
  type TrlPreference,
  type TrlPromptCompletion,
  type TrlPromptOnly,
  type TrlStepwise,
  type TrlUnpaired,
  trlFormatNames,
  trlFormats,
  trlLanguageModeling,
  trlPreference,
  trlPromptCompletion,
  trlPromptOnly,
  trlStepwise,
  trlUnpaired,
} from './exchange/trl.ts'
export {
  type AiAnnotator,
  type Annotator,
  type AnnotatorSource,
  annotatorSchema,
  type PersonAnnotator,
  type SimulatedAnnotator,
} from './model/annotator.ts'
export {
  type ClipComparison,
  type Comparison,
  clipComparisonSchema,
  comparisonSchema,
  type Preference,
  preferenceSchema,
} from './model/comparison.ts'
export type { Colour, Drawing, Figure } from './model/drawing.ts'
export { newId } from './model/id.ts'
export { type Item, type ItemCompletion, itemSchema, type NewItem, newItemSchema } from './model/item.ts'
export { type Judgment, type JudgmentKind, judgmentSchema, type StoredJudgment } from './model/judgment.ts'
export { type Lease, leaseSchema } from './model/lease.ts'
export {
  type NewProject,
  newProjectSchema,
  type Project,
  type Protocol,
  projectSchema,
  protocolSchema,
} from './model/project.ts'
export { pairsOfRanking, type Ranking, rankingSchema } from './model/ranking.ts'
export { type BinaryJudgment, binarySchema, type Rating, ratingSchema } from './model/rating.ts'
export type { JudgmentRecord } from './model/record.ts'
export {
  type ChatMessage,
  chatMessageSchema,
  type Prompt,
  promptSchema,
  promptText,
  type Span,
  spanSchema,
} from './model/text.ts'
export {
  type Flag,
  flagSchema,
  type Retraction,
  type RuleCheck,
  retractionSchema,
  ruleCheckSchema,
  type Violation,
  violationSchema,
} from './model/violation.ts'
export {
  type Critique,
  critiqueSchema,
  type Demonstration,
  demonstrationSchema,
  type Edit,
  editSchema,
} from './model/written.ts'
export { bagOfWords, kCentreOrder, type SparseVector } from './select/diversity.ts'
export { orderByValue, uniformOrder } from './select/order.ts'
export { prioritiesOf } from './select/priorities.ts'
export { ensembleDisagreement, scoreUncertainty } from './select/uncertainty.ts'
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
export {
  type Answer,
  cohenKappa,
  fleissKappa,
  kappaMatrix,
  krippendorffAlpha,
  type Level,
  rawAgreement,
} from './stats/agreement.ts'
export { bradleyTerryStrengths, type Contest } from './stats/bradley-terry.ts'
export { type CalibrationBin, calibration } from './stats/calibration.ts'
export { bradleyTerryIntervals, cyclicTriads, eloRatings, kendallTau } from './stats/competitors.ts'
export { annotatorAccuracy, type CrowdTruth, dawidSkene, majorityVote } from './stats/dawid-skene.ts'
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
export { agreementByGroup, answersOf, answerValue, type Effort, effortOf } from './stats/slices.ts'
export {
  type HistogramBin,
  histogram,
  mean,
  quantiles,
  standardDeviation,
  standardError,
} from './stats/summary.ts'
export type {
  AnnotatorProgress,
  Claim,
  Clock,
  FeedbackStore,
  ItemProgress,
  ItemQuery,
  JudgmentFilter,
  Page,
  Progress,
  ProjectStore,
  Slot,
  Submitted,
} from './store/contract.ts'
export { StoreError, type StoreErrorCode } from './store/error.ts'
export {
  type Draft,
  type JudgmentEvent,
  type Skip,
  type StoreEvent,
  storeEventSchema,
} from './store/event.ts'
export { memoryStore } from './store/memory/store.ts'
