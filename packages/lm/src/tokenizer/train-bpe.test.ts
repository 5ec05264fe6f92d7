import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byteAlphabet } from './bytes.ts'
import { tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const data = '../shared/data/tokenizers/bpe-ref'
const present = existsSync(data)
if (!present) console.warn(`skipped: ${data} is not there`)

test("the example of Sennrich et al. 2016: 'est' is learnt as one token", () => {
  const text = `${'low '.repeat(5)}${'lower '.repeat(2)}${'newest '.repeat(6)}${'widest '.repeat(3)}`
  const { model } = trainBpe([text.replaceAll(' ', '\n')], { vocabularySize: 262 })
  expect(model.merges.slice(0, 3)).toEqual([
    ['s', 't'],
    ['e', 'st'],
    ['o', 'w'],
  ])
})

test.skipIf(!present)('the course reference: the same merges in the same order, the same tokens', () => {
  const corpus = readFileSync(join(data, 'corpus.en'), 'utf8')
  const { model } = trainBpe([corpus], { vocabularySize: 500, specialTokens: ['<|endoftext|>'] })
  const merges = readFileSync(join(data, 'train-bpe-reference-merges.txt'), 'utf8').trimEnd().split('\n')
  expect(model.merges.map((pair) => pair.join(' '))).toEqual(merges)
  const vocabulary = JSON.parse(readFileSync(join(data, 'train-bpe-reference-vocab.json'), 'utf8'))
  expect(new Set(Object.keys(model.vocab))).toEqual(new Set(Object.keys(vocabulary)))
})

test('tokens are distinct, ids have no gap, and the vocabulary is what encoding uses', () => {
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é') }), { maxLength: 8 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 257, max: 300 }), (corpus, vocabularySize) => {
      const json = trainBpe(corpus, { vocabularySize, specialTokens: ['<s>'] })
      const ids = Object.values(json.model.vocab).sort((a, b) => a - b)
      expect(ids).toEqual(ids.map((_, i) => i))
      expect(ids.length).toBe(257 + json.model.merges.length)
      expect(ids.length).toBeLessThanOrEqual(vocabularySize)
      const { encode, decode } = tokenizer(json, {})
      for (const text of corpus) expect(decode(encode(text))).toBe(text)
    }),
  )
})

test('more tokens never make the corpus longer', () => {
  const corpus = 'she sells sea shells by the sea shore; the shells she sells are sea shells'
  const lengths = [256, 260, 270, 280].map(
    (vocabularySize) => tokenizer(trainBpe([corpus], { vocabularySize }), {}).encode(corpus).length,
  )
  expect(lengths).toEqual([...lengths].sort((a, b) => b - a))
  expect(lengths[0]).toBe(corpus.length)
  expect(lengths.at(-1)).toBeLessThan(corpus.length / 2)
})

test('a vocabulary smaller than the bytes, and special tokens that would hide others, are refused', () => {
  expect(() => trainBpe(['a'], { vocabularySize: 256, specialTokens: ['<s>'] })).toThrow(
    'vocabularySize is 256, but bytes and special tokens alone are 257',
  )
  const { character } = byteAlphabet[0]!
  for (const specialTokens of [['<s>', '<s>'], [character], ['']]) {
    expect(() => trainBpe(['a'], { vocabularySize: 300, specialTokens })).toThrow(/special token '.*' is/)
  }
})
