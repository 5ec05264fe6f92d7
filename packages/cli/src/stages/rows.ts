import type { Model, Tokenizer } from '@attune/lm'
import type { Sequence } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { readTexts } from '../run/jsonl.ts'

/** Prompts of a JSONL file as token ids. Throws with the line of one that leaves no room for `newTokens`. */
export async function readPrompts(path: string, model: Model, newTokens: number): Promise<number[][]> {
  const rows = await readTexts(path, ['prompt'])
  return rows.map(({ line, row }) => {
    const ids = promptTokens(row.prompt, model.tokenizer)
    checkLength({ prompt: ids, newTokens }, { where: `${path}:${line}`, model })
    return ids
  })
}

/** A prompt's ids, after a beginning-of-text token where the model has one. */
export function promptTokens(prompt: string, tokenizer: Tokenizer): number[] {
  const ids = tokenizer.encode(prompt)
  return tokenizer.beginOfText === undefined || ids[0] === tokenizer.beginOfText
    ? ids
    : [tokenizer.beginOfText, ...ids]
}

/** Prompt/completion rows as token ids; completions end with the end-of-text token. Throws when a row does not fit. */
export async function readSequences(path: string, model: Model): Promise<Sequence[]> {
  const { tokenizer } = model
  const rows = await readTexts(path, ['prompt', 'completion'])
  return rows.map(({ line, row }) => {
    const where = `${path}:${line}`
    if (row.completion === '')
      throw new UserError(
        `${where}: the completion is empty; with the prompt masked there is nothing to learn`,
      )
    const end = tokenizer.endOfText === undefined ? [] : [tokenizer.endOfText]
    const prompt = promptTokens(row.prompt, tokenizer)
    const completion = [...tokenizer.encode(row.completion), ...end]
    checkLength({ prompt, completion }, { where, model })
    return { prompt, completion }
  })
}

/** Checks that a prompt with its completion, or with new tokens, fits the model. Throws with the place that is given. */
export function checkLength(
  {
    prompt,
    completion = [],
    newTokens = 0,
  }: Partial<Sequence> & { prompt: readonly number[]; newTokens?: number },
  { where, model }: { where: string; model: Model },
): void {
  const { contextLength } = model.architecture
  if (prompt.length === 0)
    throw new UserError(`${where}: the prompt has no token, and the tokenizer no bos_token to begin with`)
  const length = prompt.length + completion.length
  if (length > contextLength)
    throw new UserError(
      `${where}: ${length} tokens, but the model's context is ${contextLength}; shorten the row`,
    )
  if (length + newTokens > contextLength) {
    throw new UserError(
      `${where}: the prompt has ${length} tokens, and with max_new_tokens ${newTokens} does not fit the model's context of ${contextLength}; shorten one of them`,
    )
  }
}

/** The model's end-of-text token. Throws when the tokenizer names none. */
export function endOfText({ tokenizer }: Model): number {
  if (tokenizer.endOfText === undefined)
    throw new UserError('tokenizer_config.json names no eos_token; completions could not end')
  return tokenizer.endOfText
}
