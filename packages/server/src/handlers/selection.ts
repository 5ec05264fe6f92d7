import type { Project } from '@attune/feedback'
import { invalid, notFound } from '../http/api-error.ts'
import type { Handlers } from '../http/handler.ts'
import { modelOf } from '../models/find.ts'
import type { Selection } from '../selection/settings.ts'
import type { Services } from '../services.ts'

/** What a project asks next. */
export function selectionHandlers({
  store,
  models,
  selections,
  events,
}: Services): Pick<Handlers, 'readSelection' | 'updateSelection' | 'refreshSelection'> {
  const projectOf = async (id: string) => {
    const project = await store.projects.get(id)
    if (!project) throw notFound('the project')
    return project
  }
  return {
    readSelection: async ({ params: { id } }) => view(await projectOf(id), await selections.read(id)),
    updateSelection: async ({ params: { id }, body: { order, ...settings } }) => {
      const project = await projectOf(id)
      const known = await models()
      for (const model of settings.models ?? []) modelOf(known, model, 'reward')
      if (settings.prescreen?.judge) modelOf(known, settings.prescreen.judge)
      if (settings.prescreen && project.protocol.kind !== 'comparison')
        throw invalid('body.prescreen', `is for comparisons, the project asks for '${project.protocol.kind}'`)
      const changed =
        order === undefined || order === project.protocol.order
          ? project
          : await store.projects.update(id, { protocol: { ...project.protocol, order } })
      const selection = await selections.change(id, settings)
      events.publish({ type: 'project', id })
      void selections.follow().catch(() => {}) // the next look does it where this one cannot
      return view(changed, selection)
    },
    refreshSelection: async ({ params: { id } }) => {
      const project = await projectOf(id)
      void selections.refresh(id).catch(() => {})
      return view(project, await selections.read(id))
    },
  }
}

function view({ protocol: { order } }: Project, { settings, state }: Selection) {
  return { order, ...settings, state }
}
