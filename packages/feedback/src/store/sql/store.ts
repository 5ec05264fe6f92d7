import { newId } from '../../model/id.ts'
import { type Item, itemSchema, newItemSchema } from '../../model/item.ts'
import { newProjectSchema, type Project, projectSchema } from '../../model/project.ts'
import type { FeedbackStore, ProjectStore } from '../contract.ts'
import { StoreError } from '../error.ts'
import type { StoreEvent } from '../event.ts'
import { givenPriorities, parsed } from '../rules.ts'
import type { SqlContext } from './context.ts'
import { applyEvent, putItems, putProject, restoreEvents } from './events.ts'
import { sqlJudgments } from './judgments.ts'
import { sqlQueue } from './queue.ts'
import { eventsOf, itemsOf, progressOf, projectsOf } from './read.ts'
import { itemOf, lockItem, projectOf } from './slots.ts'
import type { FeedbackDatabase, SqlDialect } from './tables.ts'

/** A store in a SQL database; the server keeps its own tables beside through `database`. */
export interface SqlStore extends FeedbackStore {
  readonly database: FeedbackDatabase
  readonly dialect: SqlDialect
}

/** A store on a migrated database. */
export function sqlStore(
  context: SqlContext,
  { url, close }: { url: string; close: () => Promise<void> },
): SqlStore {
  const { database, dialect } = context
  return {
    url,
    database,
    dialect,
    projects: sqlProjects(context),
    ...sqlItems(context),
    ...sqlQueue(context),
    ...sqlJudgments(context),
    progress: (project) => progressOf(database, project),
    events: () => eventsOf(database),
    restore: (events) => restoreEvents(context, events),
    close,
  }
}

function sqlProjects({ database, change, clock }: SqlContext): ProjectStore {
  return {
    create: (given) =>
      change(async (tx, events) => {
        const { id = newId(), ...rest } = parsed(newProjectSchema, given, 'project')
        const known = await tx.selectFrom('projects').select('id').where('id', '=', id).executeTakeFirst()
        if (known) throw new StoreError('conflict', `project '${id}' is there already`)
        const createdAt = new Date(clock()).toISOString()
        const project: Project = { id, ...rest, createdAt, archived: false }
        await putProject(tx, project)
        events.push({ type: 'project', project })
        return project
      }),
    get: async (id) => {
      const row = await database.selectFrom('projects').select('body').where('id', '=', id).executeTakeFirst()
      return row ? (JSON.parse(row.body) as Project) : null
    },
    list: () => projectsOf(database),
    update: (id, changed) =>
      change(async (tx, events) => {
        const before = await projectOf(tx, id)
        const { createdAt } = before
        const project = parsed(projectSchema, { ...before, ...changed, id, createdAt }, 'project')
        await putProject(tx, project)
        events.push({ type: 'project', project })
        return project
      }),
  }
}

function sqlItems({ database, change, dialect }: SqlContext) {
  /** Items are locked in the order of their ids, so that two changes never wait for each other. */
  const changed = <T>(project: string, values: ReadonlyMap<string, T>, to: (value: T) => Partial<Item>) =>
    change(async (tx, events) => {
      for (const [id, value] of [...values].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const { body } = await lockItem(tx, { project, item: id }, dialect)
        const item = parsed(itemSchema, { ...itemOf(body), ...to(value) }, `item '${id}'`)
        const event: StoreEvent = { type: 'item', item }
        await applyEvent(tx, event)
        events.push(event)
      }
    })
  return {
    addItems: (project, given) =>
      change(async (tx, events) => {
        const { protocol } = await projectOf(tx, project)
        const all = [...given].map((item, i) => parsed(newItemSchema, item, `item ${i} ('${item.id}')`))
        const known = await knownItems(
          tx,
          project,
          all.map(({ id }) => id),
        )
        const fresh = new Map(all.filter(({ id }) => !known.has(id)).map((item) => [item.id, item]))
        const priorities = givenPriorities([...fresh.values()], protocol)
        const items = [...fresh.values()].map((item): Item => {
          const priority = item.priority ?? priorities.get(item.id)
          return { ...item, ...(priority === undefined ? {} : { priority }), project }
        })
        const added = await putItems(tx, items)
        events.push(...items.map((item): StoreEvent => ({ type: 'item', item })))
        return { added, existing: all.length - added }
      }),
    item: async (project, id) => {
      const query = database.selectFrom('items').select('body').where('project', '=', project)
      const row = await query.where('id', '=', id).executeTakeFirst()
      if (row) return itemOf(row.body)
      await projectOf(database, project)
      return null
    },
    items: (project, options) => itemsOf(database, project, options),
    prioritise: (project, priorities) => changed(project, priorities, (priority) => ({ priority })),
    wantAnswers: (project, overlaps) => changed(project, overlaps, (overlap) => ({ overlap })),
  } satisfies Partial<FeedbackStore>
}

async function knownItems(
  db: FeedbackDatabase,
  project: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const known = new Set<string>()
  for (let first = 0; first < ids.length; first += 1000) {
    const part = ids.slice(first, first + 1000)
    const query = db.selectFrom('items').select('id').where('project', '=', project)
    for (const { id } of await query.where('id', 'in', part).execute()) known.add(id)
  }
  return known
}
