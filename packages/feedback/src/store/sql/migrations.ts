import { type Kysely, type Migration, Migrator, sql } from 'kysely'
import { StoreError } from '../error.ts'
import type { FeedbackDatabase, SqlDialect } from './tables.ts'

/** Brings the tables to this version; what has run before is not run again. */
export async function migrate(database: FeedbackDatabase, dialect: SqlDialect): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: {
      getMigrations: async () => ({
        '0001_feedback': first(dialect),
        '0002_journal_hash': journalHash,
        '0003_item_overlap': itemOverlap(dialect),
      }),
    },
    migrationTableName: 'feedback_migration',
    migrationLockTableName: 'feedback_migration_lock',
  })
  const { error } = await migrator.migrateToLatest()
  if (error) {
    const { message } = error as Error
    throw new StoreError('unavailable', `the tables could not be made: ${message}`, { cause: error })
  }
}

function first(dialect: SqlDialect): Migration {
  const end = dialect === 'sqlite' ? sql`strict` : sql``
  const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
  const real = dialect === 'sqlite' ? 'real' : 'double precision'
  return {
    up: async (db: Kysely<unknown>) => {
      const table = (name: string) => db.schema.createTable(name).modifyEnd(end)
      const numbered = (name: string) =>
        dialect === 'sqlite'
          ? table(name).addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
          : table(name).addColumn('sequence', 'bigserial', (c) => c.primaryKey())
      await table('projects')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('created_at', integer, (c) => c.notNull())
        .execute()
      await numbered('items')
        .addColumn('project', 'text', (c) => c.notNull().references('projects.id'))
        .addColumn('id', 'text', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('gold', integer, (c) => c.notNull())
        .addColumn('priority', real, (c) => c.notNull())
        .addColumn('shuffle', integer, (c) => c.notNull())
        .addColumn('need', integer, (c) => c.notNull())
        .addColumn('filled', integer, (c) => c.notNull())
        .addColumn('held', integer, (c) => c.notNull().check(sql`held >= 0`))
        .addUniqueConstraint('items_id', ['project', 'id'])
        .execute()
      await sql`create index items_open on items (project, gold, priority desc, shuffle) where filled < need - held`.execute(
        db,
      )
      const ofItem = (name: string, make = table) =>
        make(name)
          .addColumn('project', 'text', (c) => c.notNull())
          .addColumn('item', 'text', (c) => c.notNull())
          .addColumn('annotator', 'text', (c) => c.notNull())
          .addForeignKeyConstraint(`${name}_item`, ['project', 'item'], 'items', ['project', 'id'])
      await ofItem('leases')
        .addColumn('id', 'text', (c) => c.primaryKey().notNull())
        .addColumn('expires_at', integer, (c) => c.notNull())
        .addUniqueConstraint('leases_slot', ['project', 'item', 'annotator'])
        .execute()
      await db.schema.createIndex('leases_expiry').on('leases').columns(['project', 'expires_at']).execute()
      await ofItem('judgments', numbered)
        .addColumn('id', 'text', (c) => c.notNull().unique())
        .addColumn('kind', 'text', (c) => c.notNull())
        .addColumn('key', 'text', (c) => c.notNull())
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('answer', integer, (c) => c.notNull())
        .addColumn('extra', integer, (c) => c.notNull())
        .addColumn('active', integer, (c) => c.notNull())
        .addColumn('seconds', real, (c) => c.notNull())
        .addUniqueConstraint('judgments_key', ['project', 'key'])
        .execute()
      const index = (name: string, columns: string[]) =>
        db.schema.createIndex(name).on('judgments').columns(columns).execute()
      await index('judgments_slot', ['project', 'item', 'annotator'])
      await index('judgments_annotator', ['project', 'annotator'])
      await index('judgments_order', ['project', 'sequence'])
      await ofItem('skips')
        .addColumn('reason', 'text', (c) => c.notNull())
        .addColumn('policy', 'text', (c) => c.notNull())
        .addColumn('time', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('skips_slot', ['project', 'item', 'annotator'])
        .execute()
      await ofItem('drafts')
        .addColumn('body', 'text', (c) => c.notNull())
        .addColumn('time', 'text', (c) => c.notNull())
        .addPrimaryKeyConstraint('drafts_slot', ['project', 'item', 'annotator'])
        .execute()
      await table('journal_state')
        .addColumn('id', integer, (c) => c.primaryKey().notNull())
        .addColumn('sequence', integer, (c) => c.notNull())
        .execute()
      await sql`insert into journal_state (id, sequence) values (1, 0)`.execute(db)
    },
  }
}

/** The hash of the journal's line tells one database's journal from another's; empty where an older version wrote. */
const journalHash: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .alterTable('journal_state')
      .addColumn('hash', 'text', (c) => c.notNull().defaultTo(''))
      .execute()
  },
}

function itemOverlap(dialect: SqlDialect): Migration {
  return {
    up: async (db: Kysely<unknown>) => {
      const integer = dialect === 'sqlite' ? 'integer' : 'bigint'
      await db.schema.alterTable('items').addColumn('overlap', integer).execute()
    },
  }
}
