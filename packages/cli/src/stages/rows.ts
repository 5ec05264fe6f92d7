import type { Model, Tokenizer } from '@attune/lm'
import type { Sequence } from '@attune/rlhf'
import { UserError } from '../errors.ts'
import { readTexts } from '../run/jsonl.ts'

/** Prompts of a JSONL file as token ids. */
export async function readPrompts(path: string, model: Model): Promise<number[][]> {
  const rows = await readTexts(path, ['prompt'])
  return rows.map(({ prompt }) => promptTokens(prompt, model.tokenizer))
}

/** A prompt's ids, after a beginning-of-text token where the model has one. */
export function promptTokens(prompt: string, tokenizer: Tokenizer): number[] {
  const ids = tokenizer.encode(prompt)
  return tokenizer.beginOfText === undefined || ids[0] === tokenizer.beginOfText
    ? ids
    : [tokenizer.beginOfText, ...ids]
}

/** Prompt/completion rows as token ids; completions end with the end-of-text token. Throws when a row does not fit. */
export async function readSequences(path: string, { tokenizer, architecture }: Model): Promise<Sequence[]> {
  const rows = await readTexts(path, ['prompt', 'completion'])
  return rows.map(({ prompt, completion }, index) => {
    const end = tokenizer.endOfText === undefined ? [] : [tokenizer.endOfText]
    const sequence = {
      prompt: promptTokens(prompt, tokenizer),
      completion: [...tokenizer.encode(completion), ...end],
    }
    const length = sequence.prompt.length + sequence.completion.length
    if (length > architecture.contextLength) {
      throw new UserError(
        `${path}: row ${index + 1} has ${length} tokens, the model's context is ${architecture.contextLength}; shorten the row`,
      )
    }
    return sequence
  })
}

/** The model's end-of-text token. Throws when the tokenizer names none. */
export function endOfText({ tokenizer }: Model): number {
  if (tokenizer.endOfText === undefined)
    throw new UserError('tokenizer_config.json names no eos_token; completions could not end')
  return tokenizer.endOfText
}
