export { parquetChunks } from '../exchange/parquet.ts'
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
} from './contract.ts'
export { type StoreDigest, storeDigest } from './digest.ts'
export { StoreError, type StoreErrorCode } from './error.ts'
export {
  type Draft,
  type JudgmentEvent,
  type Skip,
  type StoreEvent,
  storeEventSchema,
} from './event.ts'
export { type Imported, type ImportProblem, importInto } from './import.ts'
export { readJournal } from './journal.ts'
export { jsonlStore } from './jsonl.ts'
export { fileLines } from './lines.ts'
export { lockHolder, takeLock } from './lock.ts'
export { memoryStore } from './memory/store.ts'
export { isSqlStore, type OpenOptions, openStore } from './open.ts'
export { type PostgresOptions, postgresStore, rebuildPostgres } from './postgres/open.ts'
export { processStart } from './process.ts'
export type { SqlStore } from './sql/store.ts'
export type { FeedbackDatabase, FeedbackTables, SqlDialect } from './sql/tables.ts'
export { rebuildFromJournal, type SqliteOptions, sqliteStore } from './sqlite/open.ts'
