import type { FeedbackStore } from '@attune/feedback/store'
import type { Accounts } from './accounts/accounts.ts'
import type { Audit } from './accounts/audit.ts'
import type { Keys } from './accounts/keys.ts'
import type { Sessions } from './accounts/sessions.ts'
import type { Database } from './database/schema.ts'
import type { Events } from './events.ts'
import type { Inference } from './inference/inference.ts'
import type { Claims } from './labelling/claims.ts'
import type { Sampling } from './labelling/sampling.ts'
import type { FoundModel } from './models/discover.ts'
import type { Runs } from './runs/runs.ts'
import type { Selections } from './selection/selection.ts'

/** What handlers work with; every part can be replaced in a test. */
export interface Services {
  readonly store: FeedbackStore
  readonly database: Database
  readonly accounts: Accounts
  readonly sessions: Sessions
  readonly keys: Keys
  readonly audit: Audit
  readonly claims: Claims
  readonly events: Events
  readonly inference: Inference
  readonly models: () => Promise<readonly FoundModel[]>
  readonly runs: Runs
  readonly sampling: Sampling
  readonly selections: Selections
  readonly settings: Settings
}

/** How a server behaves. */
export interface Settings {
  /** Whether only this machine is served, and nobody has to log in. */
  readonly local: boolean
  /** Whether browsers reach it by https. */
  readonly https: boolean
  readonly cookie: string
  /** Makes CSRF tokens. */
  readonly secret: string
}
