import type { Database } from '../database/schema.ts'

/** Which pairs a model judges in the place of people. */
export interface Prescreen {
  /** A language model that is asked which answer is better; without it the reward models decide. */
  readonly judge?: string | undefined
  /** Least probability of the better answer, in (½, 1). */
  readonly certainty: number
  /** Share of the judged pairs that people are asked about all the same. */
  readonly checkShare: number
}

/** What orders a project's queue besides its protocol. */
export interface SelectionSettings {
  /** Reward models; several are an ensemble. Empty: the newest one that the project's own runs have made. */
  readonly models: readonly string[]
  /** Null: people are asked about everything. */
  readonly prescreen: Prescreen | null
}

/** How far the scoring of a project is. */
export interface SelectionState {
  readonly state: 'idle' | 'running' | 'done' | 'failed'
  /** Models whose scores the order is from. */
  readonly models: readonly string[]
  readonly scored: number
  readonly total: number
  /** Pairs judged by a model so far. */
  readonly prescreened: number
  /** Why it failed, or what it waits for. */
  readonly reason?: string | undefined
  readonly time?: string | undefined
}

/** A project's settings, how far it is, and what it was last scored for. */
export interface Selection {
  readonly settings: SelectionSettings
  readonly state: SelectionState
  readonly scoredFor: string
}

const none: Selection = {
  settings: { models: [], prescreen: null },
  state: { state: 'idle', models: [], scored: 0, total: 0, prescreened: 0 },
  scoredFor: '',
}

/** Settings in the server's own table, so that they outlive it; a change is made of the selection as it is then. */
export function selectionSettings(database: Database) {
  const read = async (project: string, from = database): Promise<Selection> => {
    const row = await from
      .selectFrom('server_selection')
      .select('body')
      .where('project', '=', project)
      .executeTakeFirst()
    return row ? (JSON.parse(row.body) as Selection) : none
  }
  const change = (project: string, to: (before: Selection) => Partial<Selection>): Promise<Selection> =>
    database.transaction().execute(async (tx) => {
      // takes the row before it is read: nobody else changes it meanwhile
      await tx
        .insertInto('server_selection')
        .values({ project, body: JSON.stringify(none) })
        .onConflict((conflict) => conflict.column('project').doUpdateSet({ project }))
        .execute()
      const before = await read(project, tx)
      const selection = { ...before, ...to(before) }
      const body = JSON.stringify(selection)
      await tx.updateTable('server_selection').set({ body }).where('project', '=', project).execute()
      return selection
    })
  return { read: (project: string) => read(project), change }
}
