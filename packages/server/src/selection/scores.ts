import { type Item, promptText } from '@attune/feedback'
import { type Inference, RefusedRequest } from '../inference/inference.ts'
import type { WorkerRequest } from '../inference/messages.ts'
import type { FoundModel } from '../models/discover.ts'
import { refOf } from '../models/find.ts'

/** Items of one request to the worker, so that other requests come in between. */
export const perRequest = 16

/** A reward model's score of every completion of each item; null where an item does not fit its context. */
export function rewardScores(
  inference: Inference,
  model: FoundModel,
  items: readonly Item[],
): Promise<(readonly number[] | null)[]> {
  return inParts(items, async (part) => {
    const inputs = part.flatMap(({ prompt, completions }) =>
      completions.map(({ text }) => ({ prompt: asked(prompt), completion: text })),
    )
    const scores = await answerOf(inference, { op: 'score', model: refOf(model), inputs })
    const ends = part.map((_, i) =>
      part.slice(0, i + 1).reduce((sum, one) => sum + one.completions.length, 0),
    )
    return part.map(({ completions }, i) => scores.slice(ends[i]! - completions.length, ends[i]!))
  })
}

/** A judge's P(first is better) of each pair; null where a pair does not fit its context. */
export function judgeProbabilities(
  inference: Inference,
  { model, question }: { model: FoundModel; question: string },
  items: readonly Item[],
): Promise<(number | null)[]> {
  return inParts(items, (part) => {
    const pairs = part.map(({ prompt, completions }) => ({
      prompt: promptText(prompt),
      a: completions[0]!.text,
      b: completions[1]!.text,
    }))
    return answerOf(inference, { op: 'judge', model: refOf(model), question, pairs })
  })
}

const asked = (prompt: Item['prompt']) => (typeof prompt === 'string' ? prompt : [...prompt])

/** Asks about items together; where that is refused, about halves of them, down to the one that is too long. */
async function inParts<T>(
  items: readonly Item[],
  ask: (part: readonly Item[]) => Promise<readonly T[]>,
): Promise<(T | null)[]> {
  if (items.length === 0) return []
  try {
    return [...(await ask(items))]
  } catch (cause) {
    if (!(cause instanceof RefusedRequest)) throw cause
    if (items.length === 1) return [null]
    const middle = items.length >> 1
    return [...(await inParts(items.slice(0, middle), ask)), ...(await inParts(items.slice(middle), ask))]
  }
}

async function answerOf(inference: Inference, request: WorkerRequest): Promise<readonly number[]> {
  for await (const event of inference.ask(request)) if (event.type === 'scores') return event.scores
  throw new Error('the inference process gave no scores')
}
