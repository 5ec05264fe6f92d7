import type { Item, Judgment } from '@attune/feedback'
import { promptText } from '@attune/feedback'
import { ApiError, notFound } from '../http/api-error.ts'
import { modelOf } from '../models/find.ts'
import type { Services } from '../services.ts'
import type { RunOrder } from './runs.ts'
import { preferenceRows, templateRecipe } from './template.ts'

type LoopServices = Pick<Services, 'store' | 'models' | 'runs' | 'sampling' | 'inference'>

/** What a round starts from. */
export interface LoopOrder {
  readonly project: string
  readonly name: string
  readonly template: 'reward-ppo' | 'dpo'
  readonly model?: string | undefined
  readonly steps?: number | undefined
  readonly nextItems?: number
  readonly overrides?: readonly string[]
}

/** Fewest pairs that a reward model is taught by. */
const fewestPairs = 4

/** A run's order from a project's labels: the pairs and prompts as files, and the recipe. Throws when there are too few. */
export async function loopOrder(services: LoopServices, order: LoopOrder): Promise<RunOrder> {
  const { store, models } = services
  if (!(await store.projects.get(order.project))) throw notFound('the project')
  const judgments: Judgment[] = []
  for await (const judgment of store.judgments(order.project)) judgments.push(judgment)
  const rows = preferenceRows(judgments)
  if (rows.length < fewestPairs) {
    throw new ApiError(
      409,
      'too-few-labels',
      `the project has ${rows.length} pairs of a better and a worse answer, at least ${fewestPairs} are needed; label more`,
    )
  }
  const items = await allItems(store, order.project)
  const prompts = [...new Set(items.map(({ prompt }) => promptText(prompt)))]
  const model = modelOf(await models(), order.model ?? (await startingModel(services, order.project, items)))
  const lines = (list: readonly object[]) => list.map((row) => `${JSON.stringify(row)}\n`).join('')
  const path = (file: string) => `runs/${order.name}/${file}`
  return {
    name: order.name,
    project: order.project,
    overrides: order.overrides ?? [],
    nextItems: order.nextItems ?? 0,
    files: { 'labels.jsonl': lines(rows), 'prompts.jsonl': lines(prompts.map((prompt) => ({ prompt }))) },
    recipe: templateRecipe({
      name: order.name,
      template: order.template,
      model: model.path,
      pairs: rows.length,
      prompts: prompts.length,
      labels: path('labels.jsonl'),
      promptFile: path('prompts.jsonl'),
      steps: order.steps,
    }),
  }
}

/** A round's name: the project's, and the number after the last one that any run has taken. */
export function roundName(project: string, taken: readonly string[]): string {
  const base =
    project
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '')
      .slice(0, 60) || 'project'
  const numbers = taken.flatMap((name) => {
    const number = name.startsWith(`${base}-`) ? name.slice(base.length + 1) : ''
    return /^\d{1,9}$/.test(number) ? Number(number) : []
  })
  return `${base}-${Math.max(0, ...numbers) + 1}`
}

/** The policy of the project's last finished round; in the first round the model that was sampled, or the first there is. */
async function startingModel(
  { runs, models }: LoopServices,
  project: string,
  items: readonly Item[],
): Promise<string> {
  const known = await models()
  const rounds = (await runs.list()).filter((run) => run.project === project && run.state === 'done')
  const made = rounds.flatMap(({ name }) => [`${name}.ppo`, `${name}.dpo`])
  const sampled = items.flatMap(({ completions }) => completions.map(({ model }) => model ?? ''))
  const wanted = [...made, ...sampled].find((id) =>
    known.some((model) => model.id === id && model.kind === 'lm'),
  )
  const first = wanted ?? known.find(({ kind }) => kind === 'lm')?.id
  if (!first) throw notFound('a language model to start from')
  return first
}

export async function allItems(store: Services['store'], project: string): Promise<Item[]> {
  const items: Item[] = []
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await store.items(project, { limit: 500, ...(cursor ? { cursor } : {}) })
    items.push(...page.items.map(({ item }) => item))
    cursor = page.nextCursor
  }
  return items
}

/** Samples the next round's items from finished runs that asked for it; once, even when the server was away meanwhile. */
export async function nextRounds(services: LoopServices): Promise<void> {
  const { runs, store, sampling } = services
  for (const run of await runs.list()) {
    const record = run.state === 'done' ? await runs.record(run.name) : null
    if (!record?.next || record.next.sampled || !record.project) continue
    const model = (await services.models()).find(
      ({ id }) => id === `${run.name}.ppo` || id === `${run.name}.dpo`,
    )
    if (!model || sampling.of(record.project)?.state === 'running') continue
    await runs.update(run.name, { next: { ...record.next, sampled: true } })
    const items = await allItems(store, record.project)
    const prompts = [...new Set(items.map(({ prompt }) => promptText(prompt)))].slice(0, record.next.items)
    const seed = Date.parse(record.createdAt) % 2 ** 30
    void sampling.start({
      project: record.project,
      model,
      prompts,
      seed,
      completionsPerPrompt: Math.max(2, items[0]?.completions.length ?? 2),
      maxNewTokens: 28,
      temperature: 0.7,
      topP: 1,
    })
  }
}
