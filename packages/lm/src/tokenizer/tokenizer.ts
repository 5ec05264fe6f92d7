import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { readJson } from '../checkpoint/files.ts'

/** Text to token ids and back, with the ids of the special tokens. */
export interface Tokenizer {
  readonly encode: (text: string, options?: { addSpecialTokens?: boolean }) => number[]
  readonly decode: (ids: readonly number[], options?: { skipSpecialTokens?: boolean }) => string
  readonly vocabularySize: number
  readonly beginOfText: number | undefined
  readonly endOfText: number | undefined
  readonly padding: number | undefined
  /** Contents of `tokenizer.json` and `tokenizer_config.json`, to be saved beside a model. */
  readonly json: object
  readonly config: object
}

/** Loads `tokenizer.json` and `tokenizer_config.json` of a checkpoint folder. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const json = await readJson(join(folder, 'tokenizer.json'))
  const config = await readJson(join(folder, 'tokenizer_config.json'))
  return tokenizer(json, config)
}

/** A tokenizer from the contents of its two files. */
export function tokenizer(json: object, config: object): Tokenizer {
  const inner = new HuggingFaceTokenizer(json as never, config as never) // typed loosely upstream
  const named = config as Record<string, unknown>
  const idOf = (field: string) => {
    const token = named[field]
    const content = typeof token === 'object' && token !== null && 'content' in token ? token.content : token
    return typeof content === 'string' ? inner.token_to_id(content) : undefined
  }
  return {
    encode: (text, { addSpecialTokens = false } = {}) =>
      text === '' && !addSpecialTokens
        ? []
        : [...inner.encode(text, { add_special_tokens: addSpecialTokens }).ids],
    decode: (ids, { skipSpecialTokens = true } = {}) =>
      ids.length === 0
        ? ''
        : inner.decode([...ids], {
            skip_special_tokens: skipSpecialTokens,
            clean_up_tokenization_spaces: false,
          }),
    vocabularySize: inner.get_vocab().size,
    beginOfText: idOf('bos_token'),
    endOfText: idOf('eos_token'),
    padding: idOf('pad_token'),
    json,
    config,
  }
}
