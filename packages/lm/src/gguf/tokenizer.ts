interface Split {
  readonly digits?: boolean
  readonly pattern?: string
  /** A word that is a token is not merged from its parts. */
  readonly whole?: boolean
}

/** How llama.cpp's named splits (`tokenizer.ggml.pre`) are written in `tokenizer.json`. */
const splits: Readonly<Record<string, Split>> = {
  default: {},
  'gpt-2': {},
  smollm: { digits: true },
  'llama-bpe': {
    pattern:
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
    whole: true,
  },
  qwen2: {
    pattern:
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  },
}

/** llama.cpp's kinds of tokens that are matched before the text is split: control and user-defined. */
const addedKinds = new Set([3, 4])

/** `tokenizer.json` and `tokenizer_config.json` from a GGUF file's metadata: byte-level BPE. Throws for other kinds. */
export function ggufTokenizer(
  metadata: Readonly<Record<string, unknown>>,
  path: string,
): { json: object; config: object } {
  const field = (name: string) => metadata[`tokenizer.ggml.${name}`]
  const name = String(field('pre') ?? 'default')
  const split = splits[name]
  if (field('model') !== 'gpt2' || !split) {
    throw new Error(
      `${path}: its tokenizer is '${field('model')}' with splits '${name}'; known are 'gpt2' with ${Object.keys(splits).join(', ')}. Put the model's tokenizer.json and tokenizer_config.json beside the file`,
    )
  }
  const tokens = list<string>(field('tokens'), `${path}: tokenizer.ggml.tokens`)
  const merges = list<string>(field('merges'), `${path}: tokenizer.ggml.merges`)
  const kinds = list<number>(field('token_type') ?? [], `${path}: tokenizer.ggml.token_type`)
  const added = tokens.flatMap((content, id) =>
    addedKinds.has(kinds[id]!) ? [{ id, content, special: kinds[id] === 3, ...plainToken }] : [],
  )
  const special = (key: string) => tokens[Number(field(key))] ?? undefined
  const config = {
    add_bos_token: field('add_bos_token') ?? false,
    bos_token: special('bos_token_id'),
    eos_token: special('eos_token_id'),
    pad_token: special('padding_token_id'),
    unk_token: special('unknown_token_id'),
    chat_template: metadata['tokenizer.chat_template'],
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
  }
  return { json: tokenizerJson({ tokens, merges, added, split }), config: defined(config) }
}

const plainToken = { single_word: false, lstrip: false, rstrip: false, normalized: false }

function tokenizerJson({
  tokens,
  merges,
  added,
  split: { digits, pattern, whole = false },
}: {
  tokens: readonly string[]
  merges: readonly string[]
  added: readonly object[]
  split: Split
}): object {
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: !pattern }
  const first = pattern
    ? [{ type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false }]
    : digits
      ? [{ type: 'Digits', individual_digits: true }]
      : []
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: added,
    normalizer: null,
    pre_tokenizer: { type: 'Sequence', pretokenizers: [...first, bytes] },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: whole,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges,
    },
  }
}

function list<T>(value: unknown, where: string): T[] {
  if (!Array.isArray(value)) throw new Error(`${where} is ${JSON.stringify(value)}, expected a list`)
  return value as T[]
}

function defined(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined))
}
