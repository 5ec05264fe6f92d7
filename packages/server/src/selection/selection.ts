import { type Item, type Project, prioritiesOf } from '@attune/feedback'
import type { ItemProgress } from '@attune/feedback/store'
import type { FoundModel } from '../models/discover.ts'
import { type Needs, type Plan, planOf } from './plan.ts'
import { prescreenPairs } from './prescreen.ts'
import { judgeProbabilities, perRequest, rewardScores } from './scores.ts'
import { type Selection, type SelectionSettings, selectionSettings } from './settings.ts'

/** What to ask next: priorities from reward models, and pairs that need no person. */
export interface Selections {
  readonly read: (project: string) => Promise<Selection>
  readonly change: (project: string, settings: Partial<SelectionSettings>) => Promise<Selection>
  /** Scores a project's open items anew; resolves when the priorities are stored. */
  readonly refresh: (project: string) => Promise<void>
  /** Refreshes the projects whose models, items or settings have changed since they were scored. */
  readonly follow: () => Promise<void>
  readonly stop: () => void
}

/** Scores of a project's items by the stamp of a model; an item's texts never change. */
type Known = Map<string, Map<string, readonly number[] | null>>

/** Selections of a server's projects, one refresh at a time. */
export function selections(services: Needs): Selections {
  const { store, database, events } = services
  const settings = selectionSettings(database)
  const known = new Map<string, Known>()
  let busy: Promise<void> = Promise.resolve()
  let stopped = false

  const refreshNow = async (id: string, always: boolean) => {
    const project = await store.projects.get(id)
    if (!project || stopped) return
    const { settings: wanted, state, scoredFor } = await settings.read(id)
    const plan = await planOf(services, project, wanted)
    if (!always && plan.signature === scoredFor) return
    const items = await openItems(services, id)
    const tell = async (change: Partial<Selection['state']>, scoredFor?: string) => {
      await settings.change(id, ({ state: before }) => ({
        state: { ...before, ...change, time: new Date().toISOString() },
        ...(scoredFor === undefined ? {} : { scoredFor }),
      }))
      events.publish({ type: 'project', id })
    }
    if (plan.missing) return tell({ state: 'idle', models: [], reason: plan.missing }, plan.signature)
    const models = plan.models.map((model) => model.id)
    await tell({ state: 'running', models, scored: 0, total: items.length, reason: undefined })
    try {
      const scored: ScoredItem[] = []
      for (let first = 0; first < items.length && !stopped; first += perRequest) {
        const part = items.slice(first, first + perRequest)
        scored.push(...(await scoresOf(services, { models: plan.models, part, known: memory(known, id) })))
        if (first % 256 === 0) await tell({ scored: scored.length })
      }
      if (stopped) return
      await storePriorities(services, project, scored)
      const judged = await prescreen(services, { project, settings: wanted, scored, plan })
      const prescreened = state.prescreened + judged
      await tell({ state: 'done', scored: items.length, prescreened }, plan.signature)
    } catch (cause) {
      await tell({ state: 'failed', reason: (cause as Error).message })
    }
  }
  const refresh = (id: string, always = true) => {
    const result = busy.then(() => refreshNow(id, always))
    busy = result.catch(() => {})
    return result
  }
  return {
    read: settings.read,
    change: (id, change) =>
      settings.change(id, ({ settings: before }) => ({ settings: { ...before, ...change } })),
    refresh: (id) => refresh(id),
    follow: async () => {
      for (const project of await store.projects.list()) {
        const { settings: wanted } = await settings.read(project.id)
        if (project.archived || (project.protocol.order === 'uniform' && !wanted.prescreen)) continue
        await refresh(project.id, false)
      }
    },
    stop: () => {
      stopped = true
    },
  }
}

async function openItems({ store }: Needs, project: string): Promise<ItemProgress[]> {
  const open: ItemProgress[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.items(project, { state: 'open', limit: 500, ...(cursor ? { cursor } : {}) })
    open.push(...page.items.filter(({ item }) => !item.gold))
    cursor = page.nextCursor
  }
  return open
}

/** An item with every model's scores: `scores[c][m]` is model m's of completion c. */
interface ScoredItem {
  readonly progress: ItemProgress
  readonly scores: readonly (readonly number[])[] | null
}

function memory(known: Map<string, Known>, project: string): Known {
  const own = known.get(project) ?? new Map()
  known.set(project, own)
  return own
}

async function scoresOf(
  { inference }: Needs,
  { models, part, known }: { models: readonly FoundModel[]; part: readonly ItemProgress[]; known: Known },
): Promise<ScoredItem[]> {
  const wanted = new Set(models.map(({ id, stamp }) => `${id} ${stamp}`))
  for (const key of known.keys()) if (!wanted.has(key)) known.delete(key)
  for (const model of models) {
    const key = `${model.id} ${model.stamp}`
    const scores = known.get(key) ?? new Map<string, readonly number[] | null>()
    known.set(key, scores)
    const fresh = part.map(({ item }) => item).filter(({ id }) => !scores.has(id))
    const found = await rewardScores(inference, model, fresh)
    fresh.forEach(({ id }, i) => {
      scores.set(id, found[i]!)
    })
  }
  const byModel = [...wanted].map((key) => known.get(key)!)
  return part.map((progress) => {
    const { id, completions } = progress.item
    const rows = byModel.map((scores) => scores.get(id))
    const isScored = rows.length > 0 && rows.every(Boolean)
    return { progress, scores: isScored ? completions.map((_, c) => rows.map((row) => row![c]!)) : null }
  })
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** An item with its scores in their places, as the strategies read them. */
function withScores({ progress: { item }, scores }: ScoredItem): Item {
  if (!scores) return item
  const completions = item.completions.map((completion, c) => ({
    ...completion,
    score: mean(scores[c]!),
    scores: scores[c]!,
  }))
  return { ...item, completions }
}

async function storePriorities(
  { store }: Needs,
  { id, protocol }: Project,
  scored: readonly ScoredItem[],
): Promise<void> {
  const priorities = prioritiesOf(scored.map(withScores), protocol.order)
  const changed = scored.flatMap(({ progress: { item } }): [string, number][] => {
    const priority = priorities.get(item.id)
    return priority === undefined || priority === item.priority ? [] : [[item.id, priority]]
  })
  for (let first = 0; first < changed.length; first += 500)
    await store.prioritise(id, new Map(changed.slice(first, first + 500)))
}

/** Judges what nobody has begun on, where the project asks for pairs and wants it. */
async function prescreen(
  { store, inference }: Needs,
  options: { project: Project; settings: SelectionSettings; scored: readonly ScoredItem[]; plan: Plan },
): Promise<number> {
  const { project, scored, plan } = options
  const { prescreen } = options.settings
  if (!prescreen || project.protocol.kind !== 'comparison') return 0
  const untouched = scored.filter(
    ({ progress: { item, filled, held } }) => filled + held === 0 && item.completions.length === 2,
  )
  const model = plan.judge?.id ?? plan.models.map(({ id }) => id).join('+')
  let judged = 0
  for (let first = 0; first < untouched.length; first += perRequest) {
    const part = untouched.slice(first, first + perRequest)
    const items = part.map(({ progress }) => progress.item)
    const probabilities = plan.judge
      ? await judgeProbabilities(inference, { model: plan.judge, question: project.protocol.question }, items)
      : part.map(({ scores }) => scores && probabilityOf(scores))
    const pairs = items.flatMap((item, i) => {
      const probability = probabilities[i]
      return typeof probability === 'number' ? [{ item, probability }] : []
    })
    judged += await prescreenPairs(store, pairs, { project, prescreen, model })
  }
  return judged
}

/** P(first ≻ second) = σ(s₁ − s₂), the mean over an ensemble's members. */
function probabilityOf([first, second]: readonly (readonly number[])[]): number {
  return mean(first!.map((score, m) => 1 / (1 + Math.exp(second![m]! - score))))
}
