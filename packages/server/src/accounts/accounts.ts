import { newId } from '@attune/feedback'
import { type Role, roles } from '../api/endpoint.ts'
import type { Database, ServerTables } from '../database/schema.ts'
import { ApiError, notFound } from '../http/api-error.ts'
import { hashPassword, isPassword } from './secrets.ts'

/** A person's account. */
export interface Account {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly projects: 'all' | readonly string[]
  readonly disabled: boolean
  /** Whose preferences are looked at apart. */
  readonly group: string | null
  readonly hasPassword: boolean
  readonly createdAt: string
}

/** What may be set of an account. */
export interface AccountFields {
  readonly name: string
  readonly role: Role
  readonly projects: 'all' | readonly string[]
  readonly password?: string | undefined
  readonly disabled?: boolean | undefined
  readonly group?: string | null | undefined
}

/** The account of whoever sits at a local server. */
export const localAccount = 'local'

/** Accounts in the database. */
export interface Accounts {
  readonly get: (id: string) => Promise<Account | null>
  readonly list: (options: { after: string | null; limit: number }) => Promise<Account[]>
  readonly names: () => Promise<Map<string, string>>
  /** Throws `conflict` when the name is taken. */
  readonly create: (fields: AccountFields & { readonly id?: string }) => Promise<Account>
  readonly update: (
    id: string,
    change: { readonly [K in keyof AccountFields]?: AccountFields[K] | undefined },
  ) => Promise<Account>
  /** The account of a name and a password; null for a wrong one, and takes as long. */
  readonly check: (
    name: string,
    password: string,
    options: { withoutPassword: boolean },
  ) => Promise<Account | null>
  /** Whether somebody could log in who may do everything. */
  readonly hasAdmin: () => Promise<boolean>
}

/** Accounts of a database. */
export function accounts(database: Database): Accounts {
  const table = () => database.selectFrom('server_accounts').selectAll()
  const get = async (id: string) => {
    const row = await table().where('id', '=', id).executeTakeFirst()
    return row ? accountOfRow(row) : null
  }
  const withName = (name: string) => table().where('name', '=', name).executeTakeFirst()

  return {
    get,
    list: async ({ after, limit }) => {
      const rows = await table()
        .$if(after !== null, (query) => query.where('id', '>', after!))
        .orderBy('id')
        .limit(limit)
        .execute()
      return rows.map(accountOfRow)
    },
    names: async () => {
      const rows = await database.selectFrom('server_accounts').select(['id', 'name']).execute()
      return new Map(rows.map(({ id, name }) => [id, name]))
    },
    create: async ({ id = newId(), name, role, projects, password, disabled = false, group = null }) => {
      const row = {
        id,
        name,
        role,
        projects: projects === 'all' ? 'all' : JSON.stringify(projects),
        password: password === undefined ? null : await hashPassword(password),
        disabled: disabled ? 1 : 0,
        group_name: group,
        created_at: new Date().toISOString(),
      }
      const { numInsertedOrUpdatedRows } = await database
        .insertInto('server_accounts')
        .values(row)
        .onConflict((conflict) => conflict.column('name').doNothing())
        .executeTakeFirst()
      if (numInsertedOrUpdatedRows === 0n) throw nameTaken(name)
      return accountOfRow(row)
    },
    update: async (id, { name, role, projects, password, disabled, group }) => {
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(role === undefined ? {} : { role }),
        ...(projects === undefined
          ? {}
          : { projects: projects === 'all' ? 'all' : JSON.stringify(projects) }),
        ...(password === undefined ? {} : { password: await hashPassword(password) }),
        ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }),
        ...(group === undefined ? {} : { group_name: group }),
      }
      if (name !== undefined && ((await withName(name))?.id ?? id) !== id) throw nameTaken(name)
      if (Object.keys(change).length > 0)
        await database.updateTable('server_accounts').set(change).where('id', '=', id).execute()
      return (await get(id)) ?? raise(notFound('the account'))
    },
    check: async (name, password, { withoutPassword }) => {
      const row = await withName(name)
      if (withoutPassword && row && row.password === null) return row.disabled ? null : accountOfRow(row)
      const matches = await isPassword(row?.password ?? null, password)
      return row && matches && !row.disabled ? accountOfRow(row) : null
    },
    hasAdmin: async () => {
      const row = await database
        .selectFrom('server_accounts')
        .select('id')
        .where('role', '=', 'admin')
        .where('password', 'is not', null)
        .where('disabled', '=', 0)
        .executeTakeFirst()
      return row !== undefined
    },
  }
}

/** The account of a row. */
export function accountOfRow(row: ServerTables['server_accounts']): Account {
  return {
    id: row.id,
    name: row.name,
    role: roles.find((role) => role === row.role) ?? 'annotator',
    projects: row.projects === 'all' ? 'all' : JSON.parse(row.projects),
    disabled: Boolean(row.disabled),
    group: row.group_name,
    hasPassword: row.password !== null,
    createdAt: row.created_at,
  }
}

const nameTaken = (name: string) =>
  new ApiError(409, 'conflict', `there is an account named '${name}' already; choose another name`, {
    field: 'body.name',
  })

function raise(error: Error): never {
  throw error
}
