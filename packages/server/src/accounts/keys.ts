import { newId } from '@attune/feedback'
import { type Scope, scopes } from '../api/endpoint.ts'
import type { Database, ServerTables } from '../database/schema.ts'
import { notFound } from '../http/api-error.ts'
import { newSecret, sameText, secretHash } from './secrets.ts'

/** A key of a program, without its secret. */
export interface ApiKey {
  readonly id: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly project: string | null
  readonly createdAt: string
  readonly lastUsedAt: string | null
  readonly revoked: boolean
}

/** API keys; of a secret only its hash is stored. */
export interface Keys {
  readonly list: (options: { after: string | null; limit: number }) => Promise<ApiKey[]>
  readonly create: (
    fields: Pick<ApiKey, 'name' | 'scopes' | 'project'>,
  ) => Promise<ApiKey & { secret: string }>
  readonly revoke: (id: string) => Promise<void>
  /** The key that a secret belongs to; null when there is none or it was revoked. */
  readonly find: (secret: string) => Promise<ApiKey | null>
}

/** What secrets of keys begin with, so that scanners find those that leak. */
export const keyPrefix = 'attune_'

/** How often the time of the last use is written, in milliseconds. */
const usedEvery = 60_000

/** API keys of a database. */
export function keys(database: Database): Keys {
  const table = () => database.selectFrom('server_keys').selectAll()
  return {
    list: async ({ after, limit }) => {
      const rows = await table()
        .$if(after !== null, (query) => query.where('id', '>', after!))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(keyOf)
    },
    create: async ({ name, scopes, project }) => {
      const id = newId()
      const secret = `${keyPrefix}${id.replaceAll('-', '')}_${newSecret()}`
      const row = {
        id,
        name,
        secret_hash: secretHash(secret),
        scopes: JSON.stringify(scopes),
        project,
        created_at: new Date().toISOString(),
        last_used_at: null,
        revoked: 0,
      }
      await database.insertInto('server_keys').values(row).execute()
      return { ...keyOf(row), secret }
    },
    revoke: async (id) => {
      const { numUpdatedRows } = await database
        .updateTable('server_keys')
        .set({ revoked: 1 })
        .where('id', '=', id)
        .executeTakeFirst()
      if (numUpdatedRows === 0n) throw notFound('the key')
    },
    find: async (secret) => {
      const hex = new RegExp(
        `^${keyPrefix}([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})_`,
      ).exec(secret)
      if (!hex) return null
      const row = await table().where('id', '=', hex.slice(1).join('-')).executeTakeFirst()
      if (!row || row.revoked || !sameText(row.secret_hash, secretHash(secret))) return null
      const used = new Date()
      if (used.getTime() - Date.parse(row.last_used_at ?? row.created_at) > usedEvery || !row.last_used_at)
        await database
          .updateTable('server_keys')
          .set({ last_used_at: used.toISOString() })
          .where('id', '=', row.id)
          .execute()
      return keyOf(row)
    },
  }
}

function keyOf(row: ServerTables['server_keys']): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: (JSON.parse(row.scopes) as Scope[]).filter((scope) => scopes.includes(scope)),
    project: row.project,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
    revoked: Boolean(row.revoked),
  }
}
