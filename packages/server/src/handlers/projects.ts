import type { NewItem, Project } from '@attune/feedback'
import { invalid, notFound } from '../http/api-error.ts'
import { type Caller, hasRole, sees } from '../http/caller.ts'
import { accountOf, type Handlers } from '../http/handler.ts'
import { checkProtocol, misfitOf, rangeOf } from '../labelling/fit.ts'
import { withId } from '../labelling/item.ts'
import { recentProgress } from '../labelling/progress.ts'
import { modelOf } from '../models/find.ts'
import type { Services } from '../services.ts'
import { pageOf } from './people.ts'

type Names =
  | 'listProjects'
  | 'createProject'
  | 'readProject'
  | 'updateProject'
  | 'addItems'
  | 'listItems'
  | 'projectFromSamples'
  | 'readProgress'

/** Projects and their items. */
export function projectHandlers(services: Services): Pick<Handlers, Names> {
  const { store, events, sampling } = services
  const progressOf = recentProgress(store)
  const view = async (project: Project, caller: Caller, { fresh = false } = {}) => {
    const progress = await namedProgress(await progressOf(project.id, { fresh }), services, caller)
    const state = sampling.of(project.id)
    return { ...project, progress, ...(state ? { sampling: state } : {}) }
  }
  const projectOf = async (id: string) => (await store.projects.get(id)) ?? raise(notFound('the project'))

  return {
    listProjects: async ({ query: { cursor, limit, archived } }, caller) => {
      const all = (await store.projects.list())
        .filter(({ id }) => sees(caller, id))
        .filter((project) => archived === undefined || project.archived === (archived === 'true'))
        .toReversed()
      const from = cursor === undefined ? 0 : all.findIndex(({ id }) => id === cursor) + 1
      const page = pageOf(all.slice(from, from + limit + 1), limit)
      return { ...page, items: await Promise.all(page.items.map((project) => view(project, caller))) }
    },
    createProject: async ({ body }, caller) => view(await create(store, body), caller),
    readProject: async ({ params: { id } }, caller) => view(await projectOf(id), caller, { fresh: true }),
    updateProject: async ({ params: { id }, body }, caller) => {
      const before = await projectOf(id)
      const { protocol } = body
      if (protocol) checkProtocol(protocol)
      if (
        protocol &&
        protocol.version === before.protocol.version &&
        !sameQuestion(protocol, before.protocol)
      )
        throw invalid(
          'body.protocol.version',
          `is '${protocol.version}' still; another question, other guidelines, scales or rules need another version`,
        )
      const project = await store.projects.update(id, body)
      events.publish({ type: 'project', id })
      return view(project, caller, { fresh: true })
    },
    addItems: async ({ params: { id }, body }) => {
      const { protocol } = await projectOf(id)
      checkItems(body.items, protocol)
      const result = await store.addItems(id, body.items.map(withId))
      events.publish({ type: 'project', id })
      return result
    },
    listItems: async ({ params: { id }, query: { state, gold, cursor, limit } }) => {
      await projectOf(id)
      if (cursor !== undefined && !/^\d{1,15}$/.test(cursor))
        throw invalid('query.cursor', `is '${cursor}', expected the nextCursor of a page`)
      const options = {
        limit,
        ...(state ? { state } : {}),
        ...(gold ? { gold: gold === 'true' } : {}),
        ...(cursor ? { cursor } : {}),
      }
      const { items, nextCursor } = await store.items(id, options)
      return { items: [...items], nextCursor }
    },
    projectFromSamples: async ({ body }, caller) => {
      const models = await services.models()
      const model = modelOf(models, body.model)
      const reward = body.reward === undefined ? undefined : modelOf(models, body.reward, 'reward')
      const known = body.project ? await projectOf(body.project) : newProject(body)
      checkSamples(body.completionsPerPrompt, known.protocol)
      const project = 'id' in known ? known : await create(store, known)
      if (sampling.of(project.id)?.state === 'running')
        throw invalid('body.project', 'is being sampled for already; wait until that is done')
      void sampling.start({ ...body, project: project.id, model, reward })
      return view(project, caller)
    },
    readProgress: async ({ params: { id } }, caller) => {
      await projectOf(id)
      return namedProgress(await progressOf(id, { fresh: true }), services, caller)
    },
  }
}

/** Progress with people's names; annotators see their own line alone. */
export async function namedProgress(
  progress: Awaited<ReturnType<Services['store']['progress']>>,
  { accounts }: Pick<Services, 'accounts'>,
  caller: Caller,
) {
  const account = accountOf(caller)
  const all = hasRole(account, 'reviewer')
  const lines = progress.perAnnotator.filter(({ annotator }) => all || annotator === account.id)
  const names = all && lines.length > 0 ? await accounts.names() : new Map([[account.id, account.name]])
  return { ...progress, perAnnotator: lines.map((line) => ({ ...line, name: names.get(line.annotator) })) }
}

function newProject({
  name,
  description = '',
  protocol,
}: {
  name?: string
  description?: string
  protocol?: Project['protocol']
}) {
  if (name === undefined) throw invalid('body.name', 'is missing; give a name, or the id of a project')
  if (!protocol) throw invalid('body.protocol', 'is missing; give one, or the id of a project')
  return { name, description, protocol }
}

function create(
  store: Services['store'],
  project: Pick<Project, 'name' | 'description' | 'protocol'>,
): Promise<Project> {
  checkProtocol(project.protocol)
  return store.projects.create(project)
}

function checkItems(
  items: readonly Pick<NewItem, 'completions' | 'clips'>[],
  protocol: Project['protocol'],
): void {
  for (const [i, item] of items.entries()) {
    const misfit = misfitOf(item, protocol)
    if (misfit) throw invalid(`body.items.${i}`, misfit)
  }
}

/** A model writes texts, as many of a prompt as the kind of task needs. Throws `invalid` for another number. */
function checkSamples(count: number, { kind }: Project['protocol']): void {
  if (kind === 'clip-comparison')
    throw invalid('body.protocol.kind', 'is clip-comparison, but a model writes texts and no clips')
  const [least, most] = rangeOf(kind)
  if (count < least || count > most)
    throw invalid(
      'body.completionsPerPrompt',
      `is ${count}, but a ${kind} needs ${least === most ? least : `${least} to ${most}`}`,
    )
}

function sameQuestion(a: Project['protocol'], b: Project['protocol']): boolean {
  const asked = ({ kind, question, guidelines, rules, scales }: Project['protocol']) =>
    JSON.stringify([kind, question, guidelines, rules ?? [], scales ?? []])
  return asked(a) === asked(b)
}

function raise(error: Error): never {
  throw error
}
