import { byteAlphabet } from './bytes.ts'

/** Numbers of a tokenizer to be trained. */
export interface BpeOptions {
  /** Size of the vocabulary with special tokens and the 256 bytes. */
  readonly vocabularySize: number
  /** Tokens that never come from text; they get the first ids. */
  readonly specialTokens?: readonly string[]
}

/** A `tokenizer.json` of byte-level byte-pair encoding, as Hugging Face's libraries read it. */
export interface BpeTokenizerJson {
  readonly version: '1.0'
  readonly added_tokens: readonly {
    id: number
    content: string
    special: true
    single_word: false
    lstrip: false
    rstrip: false
    normalized: false
  }[]
  readonly normalizer: null
  readonly pre_tokenizer: { type: 'ByteLevel'; add_prefix_space: false; trim_offsets: true; use_regex: true }
  readonly post_processor: null
  readonly decoder: { type: 'ByteLevel'; add_prefix_space: false; trim_offsets: true; use_regex: true }
  readonly model: { type: 'BPE'; vocab: Record<string, number>; merges: [string, string][] }
}

/** GPT-2's division of text into words: contractions, letters, digits and the rest, each with one space before it. */
const words = /'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu

/**
 * Trains a byte-level byte-pair encoding (Sennrich et al. 2016): the most frequent pair of neighbours is merged until
 * the vocabulary is full; of equally frequent pairs the one that is last in byte order wins.
 */
export function trainBpe(
  texts: Iterable<string>,
  { vocabularySize, specialTokens = [] }: BpeOptions,
): BpeTokenizerJson {
  const tokens = [...specialTokens, ...byteAlphabet.map(({ character }) => character)]
  if (vocabularySize < tokens.length) {
    throw new RangeError(
      `vocabularySize is ${vocabularySize}, but bytes and special tokens alone are ${tokens.length}`,
    )
  }
  const unusable = specialTokens.find((token, i) => token === '' || tokens.indexOf(token, i + 1) > 0)
  if (unusable !== undefined)
    throw new RangeError(`special token '${unusable}' is empty, a single byte, or there twice`)
  const bytes = [
    ...specialTokens.map(() => new Uint8Array()),
    ...byteAlphabet.map(({ byte }) => Uint8Array.of(byte)),
  ]
  const pairs = pairTable(countWords(texts, specialTokens.length))
  const merges: [string, string][] = []
  while (tokens.length < vocabularySize) {
    const best = pairs.best((a, b) => compareBytes(bytes, a, b))
    if (best === undefined) break
    const [left, right] = best
    merges.push([tokens[left]!, tokens[right]!])
    pairs.merge(best, tokens.length)
    tokens.push(tokens[left]! + tokens[right]!)
    bytes.push(Uint8Array.of(...bytes[left]!, ...bytes[right]!))
  }
  return {
    version: '1.0',
    added_tokens: specialTokens.map((content, id) => ({
      id,
      content,
      special: true,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  }
}

interface Word {
  tokens: number[]
  readonly count: number
}

function countWords(texts: Iterable<string>, firstByte: number): Word[] {
  const counts = new Map<string, number>()
  for (const text of texts) {
    for (const [word] of text.matchAll(words)) counts.set(word, (counts.get(word) ?? 0) + 1)
  }
  const idOf = new Uint16Array(256)
  byteAlphabet.forEach(({ byte }, i) => {
    idOf[byte] = firstByte + i
  })
  const encoder = new TextEncoder()
  return [...counts].map(([word, count]) => ({
    tokens: Array.from(encoder.encode(word), (byte) => idOf[byte]!),
    count,
  }))
}

type Pair = readonly [left: number, right: number]

/** Counts of neighbouring tokens, kept up to date as pairs are merged. */
function pairTable(corpus: readonly Word[]) {
  const base = 2 ** 24
  const keyOf = (left: number, right: number) => left * base + right
  const pairOf = (key: number): Pair => [Math.floor(key / base), key % base]
  const counts = new Map<number, number>()
  const places = new Map<number, Set<Word>>()

  const change = (word: Word, sign: 1 | -1) => {
    for (let i = 0; i + 1 < word.tokens.length; i++) {
      const key = keyOf(word.tokens[i]!, word.tokens[i + 1]!)
      const count = (counts.get(key) ?? 0) + sign * word.count
      if (count > 0) counts.set(key, count)
      else counts.delete(key)
      if (sign > 0) {
        const set = places.get(key) ?? new Set()
        places.set(key, set.add(word))
      }
    }
  }
  for (const word of corpus) change(word, 1)

  const best = (compare: (a: Pair, b: Pair) => number): Pair | undefined => {
    let chosen: Pair | undefined
    let highest = 0
    for (const [key, count] of counts) {
      if (count < highest) continue
      const pair = pairOf(key)
      if (count > highest || compare(pair, chosen!) > 0) chosen = pair
      highest = count
    }
    return chosen
  }
  const merge = (pair: Pair, merged: number): void => {
    const key = keyOf(...pair)
    for (const word of places.get(key) ?? []) {
      change(word, -1)
      word.tokens = mergePair(word.tokens, pair, merged)
      change(word, 1)
    }
    places.delete(key)
  }
  return { best, merge }
}

function mergePair(tokens: readonly number[], [left, right]: Pair, merged: number): number[] {
  const result: number[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (tokens[i] === left && tokens[i + 1] === right) {
      result.push(merged)
      i++
    } else result.push(tokens[i]!)
  }
  return result
}

/** Byte order of two pairs: by their left tokens, then by their right ones. */
function compareBytes(bytes: readonly Uint8Array[], a: Pair, b: Pair): number {
  return Buffer.compare(bytes[a[0]]!, bytes[b[0]]!) || Buffer.compare(bytes[a[1]]!, bytes[b[1]]!)
}
