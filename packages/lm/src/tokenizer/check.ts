type Json = Readonly<Record<string, unknown>>

/** More ids than any vocabulary has; a higher one would exhaust the memory. */
const mostIds = 2 ** 24

/** Checks what a tokenizer is built from. Throws with the file, the field, what was found and what was expected. */
export function checkTokenizer(json: Json, where: string): void {
  const model = json.model
  if (!isObject(model)) throw new Error(`${where}: model is ${shown(model)}, expected an object`)
  const { type } = model
  if (type !== undefined && !['BPE', 'WordPiece', 'Unigram'].includes(type as string))
    throw new Error(`${where}: model.type is ${shown(type)}, expected BPE, WordPiece or Unigram`)
  const ids = Array.isArray(model.vocab)
    ? unigramIds(model.vocab, where)
    : vocabularyIds(model.vocab, `${where}: model.vocab`)
  addTokens(ids, json.added_tokens, where)
  if (type === 'BPE' || 'merges' in model) checkMerges(model, { ids, where })
}

type Ids = Map<string, number>

function vocabularyIds(vocabulary: unknown, where: string): Ids {
  if (!isObject(vocabulary))
    throw new Error(`${where} is ${shown(vocabulary)}, expected the ids of tokens by text`)
  const ids: Ids = new Map()
  const tokens = new Map<number, string>()
  for (const [token, id] of Object.entries(vocabulary)) {
    if (!isId(id)) throw new Error(`${where}: '${token}' has id ${shown(id)}, expected a whole number`)
    if (tokens.has(id)) throw new Error(`${where}: '${tokens.get(id)}' and '${token}' both have id ${id}`)
    tokens.set(id, token)
    ids.set(token, id)
  }
  return ids
}

function unigramIds(vocabulary: readonly unknown[], where: string): Ids {
  const ids: Ids = new Map()
  for (const [id, entry] of vocabulary.entries()) {
    if (!Array.isArray(entry) || typeof entry[0] !== 'string' || typeof entry[1] !== 'number')
      throw new Error(`${where}: model.vocab[${id}] is ${shown(entry)}, expected [token, score]`)
    if (ids.has(entry[0])) throw new Error(`${where}: model.vocab has '${entry[0]}' twice`)
    ids.set(entry[0], id)
  }
  return ids
}

function addTokens(ids: Ids, added: unknown, where: string): void {
  if (!Array.isArray(added)) throw new Error(`${where}: added_tokens is ${shown(added)}, expected a list`)
  const tokens = new Map([...ids].map(([token, id]) => [id, token]))
  for (const [position, entry] of added.entries()) {
    const place = `${where}: added_tokens[${position}]`
    if (!isObject(entry) || typeof entry.content !== 'string' || entry.content === '' || !isId(entry.id))
      throw new Error(`${place} is ${shown(entry)}, expected an id and a content`)
    const { content, id } = entry
    const known = ids.get(content)
    if (known !== undefined && known !== id)
      throw new Error(`${place}: '${content}' has id ${id} here and ${known} before`)
    const holder = tokens.get(id)
    if (holder !== undefined && holder !== content)
      throw new Error(`${place}: '${holder}' and '${content}' both have id ${id}`)
    ids.set(content, id)
    tokens.set(id, content)
  }
}

function checkMerges(model: Json, { ids, where }: { ids: Ids; where: string }): void {
  if (!Array.isArray(model.merges))
    throw new Error(`${where}: model.merges is ${shown(model.merges)}, expected a list`)
  const prefix = typeof model.continuing_subword_prefix === 'string' ? model.continuing_subword_prefix : ''
  for (const [position, merge] of model.merges.entries()) {
    const place = `${where}: model.merges[${position}]`
    const pair: unknown = typeof merge === 'string' ? merge.split(' ') : merge
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === 'string'))
      throw new Error(`${place} is ${shown(merge)}, expected two tokens`)
    const [left, right] = pair as [string, string]
    const joined = left + (right.startsWith(prefix) ? right.slice(prefix.length) : right)
    const unknown = [left, right, joined].find((token) => !ids.has(token))
    if (unknown !== undefined)
      throw new Error(`${place} needs token '${unknown}', which is not in model.vocab`)
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < mostIds
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'missing'
}
