import { noiseCeiling, type SimulatedAnnotator } from '@attune/feedback'
import type { Model } from '@attune/lm'
import type { RankedCompletions } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { readRows } from '../run/jsonl.ts'
import { endOfText, promptTokens } from './rows.ts'

/** A judged prompt: completions best first, and what is known of the judge. */
export interface JudgedPrompt extends RankedCompletions {
  /** Gold scores in the judged order, where there is a gold. */
  readonly gold?: readonly number[]
  readonly annotator?: SimulatedAnnotator
}

/** Reads judgments: TRL's `prompt`, `chosen`, `rejected` (with `margin`), or `prompt`, `completions` best first. */
export async function readJudgments(path: string, model: Model): Promise<JudgedPrompt[]> {
  const rows = await readRows(path)
  return rows.map(({ line, row }) => {
    const where = `${path}:${line}`
    if (isTokenised(row)) {
      return {
        prompt: row.prompt_ids,
        completions: row.completion_ids,
        gold: row.gold,
        annotator: row.annotator,
      }
    }
    const texts = Array.isArray(row.completions) ? row.completions : [row.chosen, row.rejected]
    if (
      typeof row.prompt !== 'string' ||
      texts.length < 2 ||
      !texts.every((text) => typeof text === 'string')
    ) {
      throw new UserError(
        `${where}: expected texts in prompt, chosen and rejected (or completions, best first); the fields are ${Object.keys(row).join(', ')}`,
      )
    }
    if (new Set(texts).size < texts.length)
      throw new UserError(
        `${where}: two completions are the same text; a preference between them says nothing`,
      )
    const completions = texts.map((text: string) => [...model.tokenizer.encode(text), endOfText(model)])
    const margin = typeof row.margin === 'number' ? { margin: row.margin } : {}
    return { prompt: promptTokens(row.prompt, model.tokenizer), completions, ...margin }
  })
}

/** Accuracy that the simulated annotators' noise allows on the pairs of these judgments; undefined without gold scores. */
export function allowedAccuracy(judgments: readonly JudgedPrompt[]): number | undefined {
  const ceilings = judgments.flatMap(({ gold, annotator }) => {
    if (!gold || !annotator) return []
    const pairs = gold.flatMap((a, i) => gold.slice(i + 1).map((b) => [a, b] as const))
    return pairs.map((pair) => noiseCeiling([annotator], [pair]))
  })
  return ceilings.length === 0 ? undefined : ceilings.reduce((a, b) => a + b, 0) / ceilings.length
}

interface TokenisedRow {
  readonly prompt_ids: number[]
  readonly completion_ids: number[][]
  readonly gold?: number[]
  readonly annotator?: SimulatedAnnotator
}

function isTokenised(row: object): row is TokenisedRow {
  return (
    'prompt_ids' in row &&
    'completion_ids' in row &&
    Array.isArray(row.prompt_ids) &&
    Array.isArray(row.completion_ids)
  )
}
