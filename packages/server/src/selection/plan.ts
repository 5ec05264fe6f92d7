import type { Project } from '@attune/feedback'
import type { FeedbackStore } from '@attune/feedback/store'
import type { Database } from '../database/schema.ts'
import type { Events } from '../events.ts'
import type { Inference } from '../inference/inference.ts'
import type { FoundModel } from '../models/discover.ts'
import type { Runs } from '../runs/runs.ts'
import type { SelectionSettings } from './settings.ts'

/** What selections are made with. */
export interface Needs {
  readonly store: FeedbackStore
  readonly database: Database
  readonly inference: Inference
  readonly models: () => Promise<readonly FoundModel[]>
  readonly runs: Pick<Runs, 'list'>
  readonly events: Events
}

/** Whose scores are wanted, and what a refresh is made for; `missing` says why there can be none. */
export interface Plan {
  readonly models: readonly FoundModel[]
  readonly judge?: FoundModel | undefined
  readonly signature: string
  readonly missing?: string | undefined
}

/** Finds the models of a project's settings. */
export async function planOf(services: Needs, project: Project, settings: SelectionSettings): Promise<Plan> {
  const { order } = project.protocol
  const { prescreen } = settings
  const all = await services.models()
  const ids = settings.models.length > 0 ? settings.models : await newestReward(services, project.id, all)
  const found = ids.map((id) => all.find((model) => model.id === id && model.kind === 'reward'))
  const judge = prescreen?.judge ? all.find(({ id }) => id === prescreen.judge) : undefined
  const needsScores = order === 'uncertainty' || order === 'disagreement' || (prescreen && !prescreen.judge)
  const models = needsScores ? found.filter((model) => model !== undefined) : []
  const { items } = await services.store.progress(project.id)
  const stamps = [...models, ...(judge ? [judge] : [])].map(({ id, stamp }) => [id, stamp])
  const gone = ids.find((_, i) => !found[i])
  const missing = needsScores
    ? gone
      ? `the reward model '${gone}' is not there any more`
      : models.length === 0
        ? 'there is no reward model yet; train one on these labels, or choose one'
        : order === 'disagreement' && models.length < 2
          ? 'disagreement needs two reward models or more'
          : undefined
    : undefined
  const lost = prescreen?.judge && !judge ? `the judge '${prescreen.judge}' is not there any more` : undefined
  return {
    models,
    judge,
    missing: missing ?? lost,
    signature: JSON.stringify([order, prescreen, stamps, items, missing ?? lost]),
  }
}

/** The reward model of the project's newest finished run. */
async function newestReward(
  { runs }: Needs,
  project: string,
  models: readonly FoundModel[],
): Promise<string[]> {
  const own = (await runs.list()).filter((run) => run.project === project && run.state === 'done')
  const made = own.flatMap(({ name }) => models.filter(({ run, kind }) => run === name && kind === 'reward'))
  return made.slice(0, 1).map(({ id }) => id)
}
