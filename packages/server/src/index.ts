export type {
  Account,
  Agreement,
  Answer,
  Api,
  Item,
  Leaderboard,
  Lease,
  ModelEntry,
  Progress,
  Project,
  Protocol,
  Run,
} from './api/api.ts'
