import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { byteAlphabet } from './bytes.ts'
import { loadTokenizer, type Tokenizer, tokenizer } from './tokenizer.ts'
import { trainBpe } from './train-bpe.ts'

const data = '../shared/data/tokenizers'
const present = existsSync(data)
if (!present) console.warn(`skipped: ${data} is not there`)

const special = ['<|endoftext|>', '<|pad|>']
const sample = 'the cat and the hat, 1234 "quotes" — naïve café 日本語 😀\n\n\ttabs  spaces'
const trained = trainBpe([sample], { vocabularySize: 300, specialTokens: special })
const small = tokenizer(trained, {
  bos_token: special[0],
  eos_token: { content: special[0] },
  pad_token: special[1],
})

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        ' ',
        '\n',
        '\t',
        '\r',
        '\u00a0',
        "'s",
        'the',
        '12',
        '\ufeff',
        '\u0000',
        '😀',
        ...special,
      ),
    )
    .map((parts) => parts.join('')),
)

function expectIdentity({ encode, decode, vocabularySize }: Tokenizer): void {
  fc.assert(
    fc.property(anyText, (text) => {
      const ids = encode(text)
      expect(ids.every((id) => Number.isInteger(id) && id >= 0 && id < vocabularySize)).toBe(true)
      expect(decode(ids, { skipSpecialTokens: false })).toBe(text)
    }),
    { numRuns: 500 },
  )
}

test('any Unicode text is decoded as it was encoded', () => expectIdentity(small))

test('special tokens have their ids, and are left out of decoded text', () => {
  expect(small).toMatchObject({ beginOfText: 0, endOfText: 0, padding: 1, vocabularySize: 300 })
  expect(small.encode('a<|endoftext|>')).toEqual([...small.encode('a'), 0])
  expect(small.decode([...small.encode('a'), 0])).toBe('a')
})

test('ids that no token has are left out', () => {
  expect(small.decode([...small.encode('ab'), 300, -1])).toBe('ab')
  expect(small.decode([300])).toBe('')
  expect(small.decode([])).toBe('')
  expect(small.encode('')).toEqual([])
})

describe("GPT-2's vocabulary", () => {
  const gpt2 = (): Tokenizer =>
    tokenizer(
      {
        ...trained,
        added_tokens: [{ id: 50256, content: '<|endoftext|>', special: true }],
        model: {
          type: 'BPE',
          vocab: JSON.parse(readFileSync(join(data, 'gpt2_vocab.json'), 'utf8')),
          merges: readFileSync(join(data, 'gpt2_merges.txt'), 'utf8').trimEnd().split('\n'),
        },
      },
      { eos_token: '<|endoftext|>' },
    )

  test.skipIf(!present)('encodes as OpenAI does', () => {
    const { encode, vocabularySize } = gpt2()
    expect(vocabularySize).toBe(50257)
    expect(encode("Hello, I'm a language model,")).toEqual([15496, 11, 314, 1101, 257, 3303, 2746, 11])
    expect(encode('Hello world<|endoftext|>')).toEqual([15496, 995, 50256])
    expect(encode('  two  spaces\n\n')).toEqual([220, 734, 220, 9029, 628])
  })

  test.skipIf(!present)('decodes any Unicode text as it was encoded', () => expectIdentity(gpt2()))
})

describe('a damaged tokenizer gets one clear message', () => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-tokenizer-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const refusal = (json: unknown, config: unknown = {}): Promise<string> => {
    writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(json))
    writeFileSync(join(folder, 'tokenizer_config.json'), JSON.stringify(config))
    return loadTokenizer(folder).then(
      () => 'accepted',
      (error: Error) => error.message,
    )
  }
  const model = (change: object) => ({ ...trained, model: { ...trained.model, ...change } })
  const { merges, vocab } = trained.model

  test.each([
    ['nothing', {}, /model is missing, expected an object/],
    ['no vocabulary', model({ vocab: null }), /model\.vocab is null, expected the ids of tokens/],
    ['no merges', model({ merges: undefined }), /model\.merges is missing, expected a list/],
    ['an unknown kind of model', model({ type: 'Markov' }), /model\.type is "Markov", expected BPE/],
    [
      'an unknown pre-tokenizer',
      { ...trained, pre_tokenizer: { type: 'X' } },
      /no tokenizer can be made .*'?X/,
    ],
    ['no added tokens', { ...trained, added_tokens: undefined }, /added_tokens is missing, expected a list/],
    [
      'an id that is a text',
      model({ vocab: { ...vocab, a: '7' } }),
      /model\.vocab: 'a' has id "7", expected/,
    ],
    ['an id beyond reason', model({ vocab: { ...vocab, a: 1e12 } }), /'a' has id 1000000000000, expected/],
    ['one id twice', model({ vocab: { ...vocab, b: vocab.a } }), /'a' and 'b' both have id \d+/],
    [
      'a merge of unknown tokens',
      model({ merges: [['x', 'yz']] }),
      /merges\[0\] needs token 'yz', which is not/,
    ],
    ['a merge to an unknown token', model({ merges: [...merges, 'q q'] }), /merges\[\d+\] needs token 'qq'/],
    ['a merge of three', model({ merges: ['a b c'] }), /merges\[0\] is "a b c", expected two tokens/],
    [
      'an added token of a taken id',
      { ...trained, added_tokens: [{ id: 5, content: '<x>' }] },
      /added_tokens\[0\]: '.' and '<x>' both have id 5/,
    ],
    [
      'an added token with two ids',
      { ...trained, added_tokens: [{ id: 999, content: 'a' }] },
      /added_tokens\[0\]: 'a' has id 999 here and \d+ before/,
    ],
    [
      'an added token without content',
      { ...trained, added_tokens: [{ id: 1 }] },
      /added_tokens\[0\] is \{"id":1\}/,
    ],
    [
      'an added token that is empty',
      { ...trained, added_tokens: [{ id: 1, content: '' }] },
      /expected an id and a/,
    ],
  ])('%s', async (_, json, message) => {
    const found = await refusal(json)
    expect(found).toMatch(message)
    expect(found.startsWith(`${join(folder, 'tokenizer.json')}: `)).toBe(true)
  })

  test.each([
    [
      { eos_token: '<none>' },
      /tokenizer_config\.json: eos_token is '<none>', which is not in the vocabulary/,
    ],
    [{ pad_token: 7 }, /tokenizer_config\.json: pad_token is 7, expected a text/],
  ])('special tokens: %j', async (config, message) => {
    expect(await refusal(trained, config)).toMatch(message)
  })

  test('garbage in any field is refused with the file named, or makes a tokenizer', async () => {
    const fields = ['model', 'added_tokens', 'normalizer', 'pre_tokenizer', 'post_processor', 'decoder']
    const broken = fc
      .tuple(fc.constantFrom(...fields), fc.jsonValue({ maxDepth: 3 }))
      .map(([field, garbage]) => ({ ...trained, [field]: garbage }))
    const parts = fc
      .tuple(fc.constantFrom('vocab', 'merges', 'type'), fc.jsonValue({ maxDepth: 3 }))
      .map(([field, garbage]) => model({ [field]: garbage }))
    await fc.assert(
      fc.asyncProperty(fc.oneof(broken, parts), async (json) => {
        const found = await refusal(json)
        if (found !== 'accepted') expect(found.startsWith(`${join(folder, 'tokenizer.json')}: `)).toBe(true)
      }),
      { numRuns: 200 },
    )
  })
})

test('the alphabet has every byte once, as a printable character', () => {
  expect(byteAlphabet.map(({ byte }) => byte).sort((a, b) => a - b)).toEqual([...Array(256).keys()])
  expect(new Set(byteAlphabet.map(({ character }) => character)).size).toBe(256)
  expect(byteAlphabet.every(({ character }) => /^[^\s\p{C}]$/u.test(character))).toBe(true)
})
