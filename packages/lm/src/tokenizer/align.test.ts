import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { alignTokens } from './align.ts'
import { tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const special = ['<|endoftext|>', '<|pad|>']
const sample = 'the cat and the hat, 1234 "quotes" — naïve café 日本語 😀'
const bytes = tokenizer(trainBpe([sample], { vocabularySize: 300, specialTokens: special }), {
  eos_token: special[0],
})

const pieces = ['<unk>', '<s>', '▁', '▁hi', '▁there', 'h', 'i', '<0xE6>', '<0x97>', '<0xA5>', 'x']
const sentencePiece = tokenizer(
  {
    version: '1.0',
    added_tokens: [
      { id: 0, content: '<unk>', special: true },
      { id: 1, content: '<s>', special: true },
    ],
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Fuse' },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges: [],
    },
  },
  {},
)
const placesOf = (text: string) => alignTokens(text, sentencePiece.encode(text), sentencePiece.tokenBytes)

test('tokens of GPT-2’s alphabet cover any text without a gap', () => {
  const anyText = fc
    .array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(...special, ' ', '\n')))
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(anyText, (text) => {
      const places = alignTokens(text, bytes.encode(text), bytes.tokenBytes)
      const ends = [0, ...places.map(({ end }) => end)]
      expect(places.map(({ start }) => start)).toEqual(ends.slice(0, -1))
      expect(ends.at(-1)).toBe(Buffer.byteLength(text))
    }),
  )
})

describe('SentencePiece', () => {
  test('the space in front of a text belongs to no character', () => {
    expect(placesOf('hi')).toEqual([
      { start: 0, end: 0 },
      { start: 0, end: 1 },
      { start: 1, end: 2 },
    ])
  })

  test('spaces, bytes of a character, and unknown characters have their places', () => {
    expect(placesOf('x 日é').slice(1)).toEqual([
      { start: 0, end: 1 },
      { start: 1, end: 2 },
      { start: 2, end: 3 },
      { start: 3, end: 4 },
      { start: 4, end: 5 },
      { start: 5, end: 7 },
    ])
  })
})

test('a text that the tokenizer rewrites is refused with the place', () => {
  expect(() => alignTokens('the dog', bytes.encode('the cat'), bytes.tokenBytes)).toThrow(
    /^token 1 \(id \d+, '.*'\) is not where the text goes on with ' dog'/,
  )
})
