import type { Kysely } from 'kysely'

/** The server's own tables, beside the store's in one database; times are ISO 8601 strings, booleans 0 or 1. */
export interface ServerTables {
  server_settings: { name: string; value: string }
  server_accounts: {
    id: string
    name: string
    role: string
    /** 'all', or a JSON array of project ids. */
    projects: string
    /** Argon2id in its own encoding; null when there is no password. */
    password: string | null
    disabled: number
    /** Whose preferences are looked at apart. */
    group_name: string | null
    created_at: string
  }
  server_sessions: {
    /** SHA-256 of the token. */
    token_hash: string
    account: string
    created_at: string
    expires_at: string
  }
  server_keys: {
    id: string
    name: string
    /** SHA-256 of the secret. */
    secret_hash: string
    /** JSON array. */
    scopes: string
    project: string | null
    created_at: string
    last_used_at: string | null
    revoked: number
  }
  server_audit: {
    id: string
    time: string
    account: string | null
    address: string
    action: string
    subject: string | null
    detail: string | null
  }
  /** Every lease that was given out. */
  server_claims: {
    lease: string
    project: string
    item: string
    annotator: string
    /** Version of the protocol that the annotator was shown. */
    protocol: string
  }
  server_selection: {
    project: string
    /** JSON of a `Selection`. */
    body: string
  }
  server_arena_rounds: {
    id: string
    prompt: string
    /** JSON arrays of two, in the order shown. */
    models: string
    answers: string
    account: string
    created_at: string
    judgment: string | null
  }
}

/** A database that holds the server's tables. */
export type Database = Kysely<ServerTables>

/** Which SQL a database speaks. */
export type SqlDialect = 'sqlite' | 'postgres'
