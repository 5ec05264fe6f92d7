export type {
  AnnotatorProgress,
  Claim,
  Clock,
  FeedbackStore,
  ItemProgress,
  JudgmentFilter,
  Page,
  Progress,
  ProjectStore,
  Slot,
  Submitted,
} from './contract.ts'
export { StoreError, type StoreErrorCode } from './error.ts'
export {
  type Draft,
  type JudgmentEvent,
  type Skip,
  type StoreEvent,
  storeEventSchema,
} from './event.ts'
export { memoryStore } from './memory/store.ts'
export { type OpenOptions, openStore } from './open.ts'
