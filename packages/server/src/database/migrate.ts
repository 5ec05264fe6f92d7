import { type Migration, Migrator, sql } from 'kysely'
import type { Database, SqlDialect } from './schema.ts'

/** Brings the server's tables to the newest version; safe to run by several servers at once. */
export async function migrate(database: Database, dialect: SqlDialect): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => migrations(dialect) },
    migrationTableName: 'server_migrations',
    migrationLockTableName: 'server_migrations_lock',
  })
  const { error } = await migrator.migrateToLatest()
  if (error) throw error
}

function migrations(dialect: SqlDialect): Record<string, Migration> {
  return {
    '001-accounts': { up: accounts },
    '002-audit': { up: (database) => audit(database as Database, dialect) },
    '003-arena': { up: arena },
    '004-selection': { up: selection },
    '005-groups': { up: groups },
    '006-claims': { up: claims },
  }
}

async function accounts(database: Database): Promise<void> {
  const { schema } = database
  await schema
    .createTable('server_settings')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('server_accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('projects', 'text', (column) => column.notNull())
    .addColumn('password', 'text')
    .addColumn('disabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .execute()
  await schema
    .createTable('server_sessions')
    .addColumn('token_hash', 'text', (column) => column.primaryKey())
    .addColumn('account', 'text', (column) =>
      column.notNull().references('server_accounts.id').onDelete('cascade'),
    )
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'text', (column) => column.notNull())
    .execute()
  await schema.createIndex('server_sessions_account').on('server_sessions').column('account').execute()
  await schema
    .createTable('server_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('secret_hash', 'text', (column) => column.notNull())
    .addColumn('scopes', 'text', (column) => column.notNull())
    .addColumn('project', 'text')
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('last_used_at', 'text')
    .addColumn('revoked', 'integer', (column) => column.notNull())
    .execute()
}

/** The log of who did what; the database itself refuses to change or delete an entry. */
async function audit(database: Database, dialect: SqlDialect): Promise<void> {
  await database.schema
    .createTable('server_audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('time', 'text', (column) => column.notNull())
    .addColumn('account', 'text')
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('subject', 'text')
    .addColumn('detail', 'text')
    .execute()
  for (const statement of dialect === 'sqlite' ? sqliteAppendOnly : postgresAppendOnly)
    await sql.raw(statement).execute(database)
}

const sqliteAppendOnly = ['UPDATE', 'DELETE'].map(
  (change) => `CREATE TRIGGER server_audit_no_${change.toLowerCase()} BEFORE ${change} ON server_audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END`,
)

const postgresAppendOnly = [
  `CREATE FUNCTION server_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$`,
  `CREATE TRIGGER server_audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON server_audit
    FOR EACH STATEMENT EXECUTE FUNCTION server_audit_append_only()`,
]

async function arena(database: Database): Promise<void> {
  await database.schema
    .createTable('server_arena_rounds')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('prompt', 'text', (column) => column.notNull())
    .addColumn('models', 'text', (column) => column.notNull())
    .addColumn('answers', 'text', (column) => column.notNull())
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('created_at', 'text', (column) => column.notNull())
    .addColumn('judgment', 'text')
    .execute()
}

/** Accounts may belong to a group of people whose preferences are looked at apart. */
async function groups(database: Database): Promise<void> {
  await database.schema.alterTable('server_accounts').addColumn('group_name', 'text').execute()
}

async function selection(database: Database): Promise<void> {
  await database.schema
    .createTable('server_selection')
    .addColumn('project', 'text', (column) => column.primaryKey())
    .addColumn('body', 'text', (column) => column.notNull())
    .execute()
}

/** What was handed out, beyond the end of its lease. */
async function claims(database: Database): Promise<void> {
  await database.schema
    .createTable('server_claims')
    .addColumn('lease', 'text', (column) => column.primaryKey())
    .addColumn('project', 'text', (column) => column.notNull())
    .addColumn('item', 'text', (column) => column.notNull())
    .addColumn('annotator', 'text', (column) => column.notNull())
    .addColumn('protocol', 'text', (column) => column.notNull())
    .execute()
}
