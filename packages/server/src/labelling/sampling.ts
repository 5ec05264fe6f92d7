import type { FeedbackStore } from '@attune/feedback/store'
import type { Events } from '../events.ts'
import type { Inference } from '../inference/inference.ts'
import type { FoundModel } from '../models/discover.ts'
import { refOf } from '../models/find.ts'
import { tasksOf, withId } from './item.ts'

/** Completions to sample for a project. */
export interface SamplingOrder {
  readonly project: string
  readonly model: FoundModel
  readonly reward?: FoundModel | undefined
  readonly prompts: readonly string[]
  readonly completionsPerPrompt: number
  readonly maxNewTokens: number
  readonly temperature: number
  readonly topP: number
  readonly seed: number
}

/** How far the sampling of a project is. */
export interface SamplingState {
  readonly model: string
  readonly total: number
  readonly done: number
  readonly state: 'running' | 'done' | 'failed'
  readonly error?: string
}

/** Sampling in the background, one order of a project at a time. */
export interface Sampling {
  /** Begins; resolves when all items are there (errors are kept in the state). */
  readonly start: (order: SamplingOrder) => Promise<void>
  readonly of: (project: string) => SamplingState | undefined
  readonly stop: () => void
}

/** Prompts of one request to the worker, so that other requests come in between. */
const perRequest = 8

/** Samples items with the worker and adds them as they come. */
export function sampling({
  store,
  inference,
  events,
}: {
  store: FeedbackStore
  inference: Inference
  events: Events
}): Sampling {
  const states = new Map<string, SamplingState>()
  let stopped = false

  const start = async (order: SamplingOrder) => {
    const { project, prompts, model } = order
    const tell = (change: Partial<SamplingState>) => {
      const before = states.get(project) ?? {
        model: model.id,
        total: prompts.length,
        done: 0,
        state: 'running',
      }
      states.set(project, { ...before, ...change })
      events.publish({ type: 'project', id: project })
    }
    states.delete(project)
    tell({})
    try {
      for (let first = 0; first < prompts.length && !stopped; first += perRequest) {
        const part = prompts.slice(first, first + perRequest)
        const items = await sampleItems(inference, { ...order, prompts: part, first })
        const kind = (await store.projects.get(project))?.protocol.kind
        await store.addItems(
          project,
          items.flatMap((item) => tasksOf(item, kind)),
        )
        tell({ done: first + part.length })
      }
      tell({ state: 'done' })
    } catch (cause) {
      tell({ state: 'failed', error: (cause as Error).message })
    }
  }
  return {
    start,
    of: (project) => states.get(project),
    stop: () => {
      stopped = true
    },
  }
}

/** Items with a model's completions of prompts, scored where there is a reward model. */
export async function sampleItems(
  inference: Inference,
  { model, reward, prompts, first, ...order }: Omit<SamplingOrder, 'project'> & { first: number },
) {
  const texts = prompts.map(() => Array.from({ length: order.completionsPerPrompt }, () => ''))
  const n = order.completionsPerPrompt
  const events = inference.ask({
    op: 'complete',
    model: refOf(model),
    prompts,
    n,
    maxNewTokens: order.maxNewTokens,
    temperature: order.temperature,
    topP: order.topP,
    seed: order.seed + first,
    stop: [],
    topLogprobs: 0,
  })
  for await (const event of events)
    if (event.type === 'token') texts[Math.floor(event.row / n)]![event.row % n]! += event.text
  const scores = reward ? await scoresOf(inference, { reward, prompts, texts }) : []
  return prompts.map((prompt, i) =>
    withId({
      prompt,
      completions: texts[i]!.map((text, j) => ({
        text,
        model: model.id,
        ...(reward ? { score: scores[i * n + j]! } : {}),
      })),
    }),
  )
}

async function scoresOf(
  inference: Inference,
  { reward, prompts, texts }: { reward: FoundModel; prompts: readonly string[]; texts: readonly string[][] },
): Promise<readonly number[]> {
  const inputs = prompts.flatMap((prompt, i) => texts[i]!.map((completion) => ({ prompt, completion })))
  for await (const event of inference.ask({ op: 'score', model: refOf(reward), inputs }))
    if (event.type === 'scores') return event.scores
  return []
}
