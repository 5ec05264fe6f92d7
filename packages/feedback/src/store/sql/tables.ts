import type { Generated, Kysely, Transaction } from 'kysely'

/** Tables of a SQL store; times are milliseconds, truths are 0 or 1, bodies are JSON text. */
export interface FeedbackTables {
  readonly projects: {
    readonly id: string
    readonly body: string
    readonly created_at: number
  }
  readonly items: {
    readonly sequence: Generated<number>
    readonly project: string
    readonly id: string
    readonly body: string
    readonly gold: number
    readonly priority: number
    readonly shuffle: number
    /** Slots, slots with an answer (or dropped), slots under a lease. */
    readonly need: number
    /** The item's own overlap, where it has one. */
    readonly overlap: number | null
    readonly filled: number
    readonly held: number
  }
  readonly leases: {
    readonly id: string
    readonly project: string
    readonly item: string
    readonly annotator: string
    readonly expires_at: number
  }
  readonly judgments: {
    readonly sequence: Generated<number>
    readonly id: string
    readonly project: string
    readonly item: string
    readonly annotator: string
    readonly kind: string
    readonly key: string
    readonly body: string
    readonly answer: number
    readonly extra: number
    readonly active: number
    readonly seconds: number
  }
  readonly skips: {
    readonly project: string
    readonly item: string
    readonly annotator: string
    readonly reason: string
    readonly policy: string
    readonly time: string
  }
  readonly drafts: {
    readonly project: string
    readonly item: string
    readonly annotator: string
    readonly body: string
    readonly time: string
  }
  /** One row: the last line of the journal that is in the database; -1 where changes were made without a journal. */
  readonly journal_state: { readonly id: number; readonly sequence: number; readonly hash: string }
}

/** The database of a SQL store. */
export type FeedbackDatabase = Kysely<FeedbackTables>
/** A transaction on it. */
export type FeedbackTransaction = Transaction<FeedbackTables>
/** Which SQL database. */
export type SqlDialect = 'sqlite' | 'postgres'
