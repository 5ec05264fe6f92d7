import { noiseCeiling, type SimulatedAnnotator } from '@attune/feedback'
import { type Encoder, encodeCompletion, type Model, type PlacedRow, type Row } from '@attune/lm'
import type { RankedCompletions } from '@attune/rlhf'
import { type DataSource, encoderOf, examplesOf, loadMixed, placed } from '../data/load.ts'
import { UserError } from '../errors.ts'
import { note } from '../view/note.ts'
import { endOfText, fitCount, fitRow, type ReadRows } from './rows.ts'

/** A judged prompt: completions best first, and what is known of the judge. */
export interface JudgedPrompt extends RankedCompletions {
  /** Gold scores in the judged order, where there is a gold. */
  readonly gold?: readonly number[]
  readonly annotator?: SimulatedAnnotator
  /** What the row's `category` says it is about. */
  readonly category?: string | undefined
}

/** Reads judgments: preferences and rankings of any known shape, or token ids as the label stage writes them. */
export async function readJudgments(source: DataSource, options: ReadRows): Promise<JudgedPrompt[]> {
  const encoder = encoderOf(options.model.tokenizer)
  const count = fitCount()
  const judged = await loadMixed(source, {
    seed: options.seed,
    read: (rows) => {
      const found = isTokenised(rows)
        ? sampledJudgments(rows, options.model)
        : textual(rows, { encoder, model: options.model })
      return found.flatMap(({ where, judgment }) => count(fitRow(judgment, { ...options, where })) ?? [])
    },
  })
  count.report(judged.length)
  return [...judged]
}

/** Are these rows token ids, as the label stage writes them? */
export function isTokenised([first]: readonly PlacedRow[]): boolean {
  return first !== undefined && 'prompt_ids' in first.row
}

/** Rows as the label stage writes them; completions that were sampled twice are kept once, for between them nobody can choose. */
function sampledJudgments(rows: readonly PlacedRow[], model: Model): PlacedJudgment[] {
  const found = rows.flatMap(({ where, row }) => {
    const judgment = withoutRepeats(tokenised(row, { where, model }))
    return judgment ? [{ where, judgment }] : []
  })
  const same = rows.length - found.length
  if (found.length === 0)
    throw new UserError(
      `${rows[0]!.where}: all completions of a prompt are the same, in this and every row behind it`,
    )
  if (same > 0) note(`${same} of ${rows.length} rows are left out: all their completions are the same`)
  return found
}

/** The judgment with the first of equal completions; undefined when all are one. */
function withoutRepeats(judgment: JudgedPrompt): JudgedPrompt | undefined {
  const texts = judgment.completions.map(String)
  const kept = [...texts.keys()].filter((i) => texts.indexOf(texts[i]!) === i)
  if (kept.length < 2) return undefined
  if (kept.length === texts.length) return judgment
  const pick = <T>(all: readonly T[]) => kept.map((i) => all[i]!)
  const { completions, gold } = judgment
  return { ...judgment, completions: pick(completions), ...(gold ? { gold: pick(gold) } : {}) }
}

interface PlacedJudgment {
  readonly where: string
  readonly judgment: JudgedPrompt
}

function textual(
  rows: readonly PlacedRow[],
  { encoder, model }: { encoder: Encoder; model: Model },
): PlacedJudgment[] {
  endOfText(model)
  const categories = new Map(rows.map(({ where, row }) => [where, categoryOf(row)]))
  return examplesOf(rows, { wanted: 'preference', encoder }).flatMap(({ where, example }) => {
    if (example.type !== 'preference') return []
    const { prompt, margin = 0, tools } = example
    const encoded = placed(where, () =>
      example.completions.map((completion) => encodeCompletion(encoder, { prompt, completion, tools })),
    )
    const ids = encoded[0]!.prompt
    if (encoded.some((other) => String(other.prompt) !== String(ids)))
      throw new UserError(`${where}: the completions begin with different roles, so their prompts differ`)
    return [
      {
        where,
        judgment: {
          prompt: ids,
          completions: encoded.map(({ completion }) => completion),
          margin,
          category: categories.get(where),
        },
      },
    ]
  })
}

/** A row as the label stage writes it: the very tokens that were sampled. */
export function tokenised(row: Row, { where, model }: { where: string; model: Model }): JudgedPrompt {
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
  return {
    prompt,
    completions,
    gold,
    annotator: isSimulated(annotator) ? annotator : undefined,
    category: categoryOf(row),
  }
}

function categoryOf({ category }: Row): string | undefined {
  return typeof category === 'string' && category !== '' ? category : undefined
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
