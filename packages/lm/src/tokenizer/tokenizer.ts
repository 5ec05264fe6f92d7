import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { readJson } from '../checkpoint/files.ts'
import { checkTokenizer } from './check.ts'
import { type TokenPieces, tokenPieces } from './pieces.ts'

/** Text to token ids and back, with the ids of the special tokens. */
export interface Tokenizer extends TokenPieces {
  readonly encode: (text: string, options?: { addSpecialTokens?: boolean }) => number[]
  /** Ids that no token has are left out. */
  readonly decode: (ids: readonly number[], options?: { skipSpecialTokens?: boolean }) => string
  /** One more than the highest id. */
  readonly vocabularySize: number
  readonly beginOfText: number | undefined
  /** What is put at the end of a text. */
  readonly endOfText: number | undefined
  /** All tokens that end a completion: `endOfText`, and those that `generation_config.json` or `config.json` names. */
  readonly endsOfText: readonly number[]
  readonly padding: number | undefined
  /** Contents of `tokenizer.json` and `tokenizer_config.json`, to be saved beside a model. */
  readonly json: object
  readonly config: object
}

/** Holds the chat template, and goes before the one in `tokenizer_config.json`. */
export const templateFile = 'chat_template.jinja'

/** Loads `tokenizer.json` and `tokenizer_config.json` of a checkpoint folder; `chat_template.jinja`, where there is one, joins the configuration. */
export async function loadTokenizer(folder: string): Promise<Tokenizer> {
  const json = await readJson(join(folder, 'tokenizer.json'))
  const config = await readJson(join(folder, 'tokenizer_config.json'))
  const template = await readFile(join(folder, templateFile), 'utf8').catch(() => undefined)
  const own = tokenizer(
    json,
    template === undefined ? config : { ...config, chat_template: template },
    folder,
  )
  return withEnds(own, await endIds(folder))
}

/** Holds what ends a completion, and goes before `config.json`. */
export const generationFile = 'generation_config.json'

/** `eos_token_id` of a checkpoint folder: a number or a list. Throws with the file when it is something else. */
async function endIds(folder: string): Promise<readonly number[]> {
  for (const path of [generationFile, 'config.json'].map((name) => join(folder, name))) {
    const { eos_token_id: ids } = existsSync(path) ? await readJson(path) : {}
    const list = [ids ?? []].flat()
    if (!list.every(Number.isInteger))
      throw new Error(
        `${path}: eos_token_id is ${JSON.stringify(ids)}, expected a token's id or a list of them`,
      )
    if (list.length > 0) return list as number[]
  }
  return []
}

/** A tokenizer whose completions end at these tokens too, as far as the vocabulary has them. */
function withEnds(own: Tokenizer, ids: readonly number[]): Tokenizer {
  const ends = new Set([...own.endsOfText, ...ids.filter((id) => id >= 0 && id < own.vocabularySize)])
  const endsOfText = [...ends]
  return { ...own, endOfText: endsOfText[0], endsOfText }
}

/** A tokenizer from the contents of its two files. Throws with the file (in `folder`) and the field that is wrong. */
export function tokenizer(json: object, config: object, folder = ''): Tokenizer {
  const where = join(folder, 'tokenizer.json')
  checkTokenizer(json as Record<string, unknown>, where)
  const inner = build(json, config, where)
  const specialId = (field: string) =>
    specialTokenId(config, { field, idOf: (token) => inner.token_to_id(token), folder })
  const endOfText = specialId('eos_token')
  return {
    encode: (text, { addSpecialTokens = false } = {}) =>
      text === '' && !addSpecialTokens
        ? []
        : [...inner.encode(text, { add_special_tokens: addSpecialTokens }).ids],
    decode: (ids, { skipSpecialTokens = true } = {}) => {
      const known = ids.filter((id) => inner.id_to_token(id) !== undefined)
      if (known.length === 0) return ''
      return inner.decode(known, {
        skip_special_tokens: skipSpecialTokens,
        clean_up_tokenization_spaces: false,
      })
    },
    ...tokenPieces(json, (id) => inner.id_to_token(id)),
    vocabularySize: 1 + [...inner.get_vocab().values()].reduce((most, id) => Math.max(most, id), -1),
    beginOfText: specialId('bos_token'),
    endOfText,
    endsOfText: endOfText === undefined ? [] : [endOfText],
    padding: specialId('pad_token'),
    json,
    config,
  }
}

function build(json: object, config: object, where: string): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(json as never, config as never) // typed loosely upstream
  } catch (cause) {
    throw new Error(`${where}: no tokenizer can be made of it (${(cause as Error).message})`, { cause })
  }
}

/** The id of a special token that `tokenizer_config.json` names as a text or as `{ content }`. */
function specialTokenId(
  config: object,
  { field, idOf, folder }: { field: string; idOf: (token: string) => number | undefined; folder: string },
): number | undefined {
  const token = (config as Record<string, unknown>)[field] ?? undefined
  if (token === undefined) return undefined
  const where = `${join(folder, 'tokenizer_config.json')}: ${field}`
  const content = typeof token === 'object' && 'content' in token ? token.content : token
  if (typeof content !== 'string') throw new Error(`${where} is ${JSON.stringify(token)}, expected a text`)
  const id = idOf(content)
  if (id === undefined) throw new Error(`${where} is '${content}', which is not in the vocabulary`)
  return id
}
