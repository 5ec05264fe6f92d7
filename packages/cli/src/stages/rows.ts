import {
  completionsOf,
  encodeCompletion,
  encodePrompt,
  encodeText,
  type Model,
  type PlacedRow,
  type Row,
} from '@attune/lm'
import type { Sequence } from '@attune/rlhf'
import { type FitOptions, fitted } from '../data/fit.ts'
import { type DataSource, encoderOf, examplesOf, loadMixed, placed } from '../data/load.ts'
import { UserError } from '../errors.ts'
import { note } from '../view/note.ts'

/** How a stage reads its rows. */
export interface ReadRows extends FitOptions {
  readonly model: Model
  readonly seed: number
}

/** Prompts of a file as token ids. Throws with the row of one that leaves no room for `newTokens`. */
export async function readPrompts(path: string, model: Model, newTokens: number): Promise<number[][]> {
  const encoder = encoderOf(model.tokenizer)
  const { contextLength } = model.architecture
  const prompts = await loadMixed(path, {
    seed: 0,
    read: (rows) =>
      examplesOf(rows, { wanted: 'prompt-only', encoder }).flatMap(({ where, example }) => {
        if (example.type !== 'prompt-only') return []
        const ids = placed(where, () => encodePrompt(encoder, example.prompt, example.tools))
        checkPrompt(ids, { where, contextLength, newTokens })
        return [ids]
      }),
  })
  return [...prompts]
}

/** Rows to be learnt, as token ids: completions up to their end, texts, and every turn of the assistant. Throws when a row does not fit. */
export async function readSequences(source: DataSource, options: ReadRows): Promise<Sequence[]> {
  const encoder = encoderOf(options.model.tokenizer)
  const count = fitCount()
  const sequences = await loadMixed(source, {
    seed: options.seed,
    read: (rows) =>
      isSampled(rows)
        ? rows.flatMap(({ where, row }) => {
            const { prompt, completion } = sampled(row, { where, model: options.model })
            const fit = count(fitRow({ prompt, completions: [completion] }, { ...options, where }))
            return fit ? [{ prompt, completion: fit.completions[0]! }] : []
          })
        : examplesOf(rows, { wanted: 'supervised', encoder }).flatMap(({ where, example }) => {
            const found = placed(where, () => {
              if (example.type === 'language-modeling')
                return completionsOf(encodeText(encoder, example.text, example.tools))
              return example.type === 'prompt-completion' ? [encodeCompletion(encoder, example)] : []
            })
            return found.flatMap(({ prompt, completion }) => {
              const fit = count(fitRow({ prompt, completions: [completion] }, { ...options, where }))
              return fit ? [{ prompt, completion: fit.completions[0]! }] : []
            })
          }),
  })
  count.report(sequences.length)
  return [...sequences]
}

/** Are these rows the very tokens that were sampled, one completion each, as the best-of stage writes them? */
function isSampled([first]: readonly PlacedRow[]): boolean {
  return (
    first !== undefined &&
    'prompt_ids' in first.row &&
    typeof (first.row.completion_ids as unknown[])?.[0] === 'number'
  )
}

/** A row as the best-of stage writes it. Throws with its place when it holds no token ids of the model's. */
function sampled(row: Row, { where, model }: { where: string; model: Model }): Sequence {
  const { vocabularySize } = model.architecture
  const idsOf = (column: 'prompt_ids' | 'completion_ids'): number[] => {
    const ids = row[column]
    const known = (id: unknown) =>
      Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize
    if (Array.isArray(ids) && ids.length > 0 && ids.every(known)) return ids
    throw new UserError(
      `${where}: expected token ids below ${vocabularySize} in ${column}; were these sampled from another model?`,
    )
  }
  return { prompt: idsOf('prompt_ids'), completion: idsOf('completion_ids') }
}

/** A row as long as the stage and the model allow. */
export function fitRow<T extends { prompt: readonly number[]; completions: readonly (readonly number[])[] }>(
  row: T,
  { where, model, max_length, too_long }: ReadRows & { where: string },
): { row: T; cut: boolean } | undefined {
  return fitted(row, { where, context: model.architecture.contextLength, max_length, too_long })
}

/** Counts rows that were cut or dropped, so that it can be said. Throws when nothing is left. */
export function fitCount() {
  let [cut, dropped] = [0, 0]
  const count = <T>(result: { row: T; cut: boolean } | undefined): T | undefined => {
    if (!result) dropped++
    else if (result.cut) cut++
    return result?.row
  }
  const report = (kept: number) => {
    if (kept === 0) throw new UserError(`all ${dropped} rows are too long; raise max_length`)
    if (cut + dropped > 0) note(`${kept} rows: ${cut} cut and ${dropped} more left out as too long`)
  }
  return Object.assign(count, { report })
}

/** Checks that a prompt has a token and leaves room for the new ones. Throws with its place. */
export function checkPrompt(
  ids: readonly number[],
  { where, contextLength, newTokens }: { where: string; contextLength: number; newTokens: number },
): void {
  if (ids.length === 0)
    throw new UserError(`${where}: the prompt has no token, and the tokenizer no bos_token to begin with`)
  if (ids.length > contextLength)
    throw new UserError(
      `${where}: ${ids.length} tokens, but the model's context is ${contextLength}; shorten the row`,
    )
  if (ids.length + newTokens > contextLength) {
    throw new UserError(
      `${where}: the prompt has ${ids.length} tokens, and with max_new_tokens ${newTokens} does not fit the model's context of ${contextLength}; shorten one of them`,
    )
  }
}

/** The tokens that end the model's completions. Throws when no file names one. */
export function endOfText({ tokenizer }: Model): readonly number[] {
  if (tokenizer.endOfText === undefined)
    throw new UserError(
      'tokenizer_config.json names no eos_token, and generation_config.json and config.json no eos_token_id; completions could not end',
    )
  return tokenizer.endsOfText
}
