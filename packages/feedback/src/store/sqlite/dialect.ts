import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { serial } from '../serial.ts'
import type { Connections, DatabaseSync, StatementSync } from './driver.ts'

const mostStatements = 500

/**
 * Kysely on SQLite. Transactions take the write lock at their beginning, one after another; a select outside of one reads
 * what was committed last and waits for nobody.
 */
export function dialectOf(connections: Connections): Dialect {
  return {
    createDriver: () => driverOf(connections),
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createAdapter: () => new SqliteAdapter(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

/** A connection as Kysely holds it; `end` is there while it has the write lock. */
interface Held extends DatabaseConnection {
  end?: (() => void) | undefined
}

function driverOf({ writer, reader }: Connections): Driver {
  const [write, read] = [runner(writer), runner(reader)]
  const inTurn = serial()
  /** Waits for the write lock; the returned function gives it back. */
  const lock = () =>
    new Promise<() => void>((locked) => {
      void inTurn(() => new Promise<void>((end) => locked(end)))
    })
  const connection = (): Held => {
    const held: Held = {
      executeQuery: async <R>(query: CompiledQuery) => {
        if (held.end) return write(query) as QueryResult<R>
        if (query.query.kind === 'SelectQueryNode') return read(query) as QueryResult<R>
        const end = await lock()
        try {
          return write(query) as QueryResult<R>
        } finally {
          end()
        }
      },
      // biome-ignore lint/correctness/useYield: nothing of ours streams
      streamQuery: async function* () {
        throw new Error('SQLite answers are not streamed; read page by page')
      },
    }
    return held
  }
  return {
    init: async () => {},
    acquireConnection: async () => connection(),
    releaseConnection: async (held: Held) => held.end?.(),
    beginTransaction: async (held: Held) => {
      const end = await lock()
      try {
        writer.exec('begin immediate')
        held.end = end
      } catch (cause) {
        end()
        throw cause
      }
    },
    commitTransaction: async () => writer.exec('commit'),
    rollbackTransaction: async () => {
      try {
        writer.exec('rollback')
      } catch {
        // a full disk or a failed write has ended the transaction already
      }
    },
    destroy: async () => {
      write.forget()
      read.forget()
      reader.close()
      writer.exec('pragma wal_checkpoint(truncate)') // one file is left, safe to copy
      writer.close()
    },
  }
}

/** Runs queries on a connection, with prepared statements. */
function runner(database: DatabaseSync) {
  const statements = new Map<string, { statement: StatementSync; isReader: boolean }>()
  const prepared = (sql: string) => {
    const known = statements.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    const made = { statement, isReader: statement.columns().length > 0 }
    if (statements.size >= mostStatements) statements.clear()
    statements.set(sql, made)
    return made
  }
  const run = ({ sql, parameters }: CompiledQuery): QueryResult<unknown> => {
    const { statement, isReader } = prepared(sql)
    if (isReader) return { rows: statement.all(...parameters) }
    const { changes, lastInsertRowid } = statement.run(...parameters)
    return { numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid), rows: [] }
  }
  return Object.assign(run, { forget: () => statements.clear() })
}
