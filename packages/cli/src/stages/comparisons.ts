import { noiseCeiling, type SimulatedAnnotator } from '@attune/feedback'
import type { Model } from '@attune/lm'
import type { RankedCompletions } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { readRows } from '../run/jsonl.ts'
import { checkLength, endOfText, promptTokens } from './rows.ts'

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
    const judged = 'prompt_ids' in row ? tokenised(row, { where, model }) : textual(row, { where, model })
    for (const completion of judged.completions)
      checkLength({ prompt: judged.prompt, completion }, { where, model })
    return judged
  })
}

type Row = Readonly<Record<string, unknown>>

function textual(row: Row, { where, model }: { where: string; model: Model }): JudgedPrompt {
  const texts = 'completions' in row ? row.completions : [row.chosen, row.rejected]
  if (typeof row.prompt !== 'string' || !isList(texts, isText) || texts.length < 2) {
    throw new UserError(
      `${where}: expected texts in prompt, chosen and rejected (or completions, best first); the fields are ${Object.keys(row).join(', ')}`,
    )
  }
  if (new Set(texts).size < texts.length)
    throw new UserError(`${where}: two completions are the same text; a preference between them says nothing`)
  const { margin = 0 } = row
  if (typeof margin !== 'number')
    throw new UserError(`${where}: margin is ${JSON.stringify(margin)}, expected a number`)
  return {
    prompt: promptTokens(row.prompt, model.tokenizer),
    completions: texts.map((text) => [...model.tokenizer.encode(text), endOfText(model)]),
    margin,
  }
}

/** A row as the label stage writes it: the very tokens that were sampled. */
function tokenised(row: Row, { where, model }: { where: string; model: Model }): JudgedPrompt {
  const { prompt_ids: prompt, completion_ids: completions, gold, annotator } = row
  const { vocabularySize } = model.architecture
  const isToken = (id: unknown): id is number => Number.isInteger(id) && (id as number) >= 0
  const isTokens = (ids: unknown): ids is number[] => isList(ids, isToken) && ids.length > 0
  if (!isTokens(prompt) || !isList(completions, isTokens) || completions.length < 2)
    throw new UserError(`${where}: expected token ids in prompt_ids and in two or more completion_ids`)
  const unknown = [prompt, ...completions].flat().find((id) => id >= vocabularySize)
  if (unknown !== undefined) {
    throw new UserError(
      `${where}: token ${unknown} is beyond the model's vocabulary of ${vocabularySize}; were these sampled from another model?`,
    )
  }
  if (gold !== undefined && !(isList(gold, isNumber) && gold.length === completions.length))
    throw new UserError(
      `${where}: expected a number in gold for each of the ${completions.length} completions`,
    )
  return { prompt, completions, gold, annotator: isSimulated(annotator) ? annotator : undefined }
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

function isList<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem)
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isSimulated(value: unknown): value is SimulatedAnnotator {
  return (
    typeof value === 'object' &&
    value !== null &&
    'temperature' in value &&
    isNumber(value.temperature) &&
    'lapseRate' in value &&
    isNumber(value.lapseRate)
  )
}
