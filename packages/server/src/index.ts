export type {
  Account,
  Agreement,
  Answer,
  Api,
  Item,
  Leaderboard,
  Lease,
  ModelEntry,
  NewItem,
  Progress,
  Project,
  Protocol,
  Run,
  Selection,
} from './api/api.ts'
export { createApp } from './app.ts'
export { makeSampleProject } from './sample.ts'
export { type RunningServer, type ServerOptions, startServer } from './start.ts'
