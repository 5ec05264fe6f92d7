import { describe, expect, test } from 'vitest'
import { chatTemplate } from '../chat/template.ts'
import { tokenizer } from '../tokenizer/tokenizer.ts'
import { trainBpe } from '../tokenizer/train-bpe.ts'
import {
  completionsOf,
  encodeCompletion,
  encodeExample,
  encodePrompt,
  encodeText,
  promptTokens,
} from './encode.ts'

const special = ['<s>', '</s>', '<|user|>', '<|assistant|>']
const json = trainBpe([''], { vocabularySize: 260, specialTokens: special })
const ends = { bos_token: '<s>', eos_token: '</s>' }
const plain = { tokenizer: tokenizer(json, { ...ends, add_bos_token: true }), template: undefined }
const template = chatTemplate(
  "{{ bos_token }}{% for m in messages %}{{ '<|' ~ m.role ~ '|>' ~ m.content ~ eos_token ~ '\n' }}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}",
  { bos_token: '<s>', eos_token: '</s>' },
)
const chat = { ...plain, template }
const text = (ids: readonly number[]) => plain.tokenizer.decode(ids, { skipSpecialTokens: false })
const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })

describe('plain text', () => {
  test('prompts begin once with the beginning of text, completions end once with the end of text', () => {
    const shown = (prompt: string, completion: string) => {
      const encoded = encodeCompletion(plain, { prompt, completion })
      return [text(encoded.prompt), text(encoded.completion)]
    }
    expect(shown('a', ' b')).toEqual(['<s>a', ' b</s>'])
    expect(shown('<s>a', ' b</s>')).toEqual(['<s>a', ' b</s>'])
  })

  const template = (single: object[]) => ({
    type: 'TemplateProcessing',
    single,
    pair: [],
    special_tokens: { '<s>': { id: '<s>', ids: [plain.tokenizer.beginOfText], tokens: ['<s>'] } },
  })
  const sequence = { Sequence: { id: 'A', type_id: 0 } }
  const first = { SpecialToken: { id: '<s>', type_id: 0 } }
  test.each([
    ['add_bos_token', json, { add_bos_token: true }, '<s>a'],
    [
      'add_bos_token is false',
      { ...json, post_processor: template([first, sequence]) },
      { add_bos_token: false },
      'a',
    ],
    ['neither', json, {}, 'a'],
    ['a post-processor with it', { ...json, post_processor: template([first, sequence]) }, {}, '<s>a'],
    ['a post-processor without it', { ...json, post_processor: template([sequence]) }, {}, 'a'],
  ])(
    'the tokenizer says whether a prompt begins with the beginning of text: %s',
    (_, file, config, expected) => {
      const own = tokenizer(file, { ...ends, ...config })
      expect(text(promptTokens('a', own))).toBe(expected)
      expect(text(promptTokens('', own))).toBe('<s>') // or there is nothing to go on from
    },
  )

  test('a completion that ends with another end is left as it is', () => {
    const { tokenizer: own } = plain
    const endsOfText = [own.endOfText!, ...own.encode('<|user|>')]
    const { completion } = encodeCompletion(
      { ...plain, tokenizer: { ...own, endsOfText } },
      { prompt: 'a', completion: 'b<|user|>' },
    )
    expect(text(completion)).toBe('b<|user|>')
  })

  test('a text is learnt whole but for its first token', () => {
    const { ids, learnt } = encodeText(plain, 'ab')
    expect(text(ids)).toBe('<s>ab</s>')
    expect(learnt).toEqual([false, true, true, true])
  })
})

describe('conversations', () => {
  test('a prompt opens the answer, with one beginning of text', () => {
    expect(text(encodePrompt(chat, [user('q')]))).toBe('<s><|user|>q</s>\n<|assistant|>')
  })

  test('a completion ends with the token that ends its turn, and not with the new line behind it', () => {
    const { prompt, completion } = encodeCompletion(chat, {
      prompt: [user('q')],
      completion: [assistant('a')],
    })
    expect([text(prompt), text(completion)]).toEqual(['<s><|user|>q</s>\n<|assistant|>', 'a</s>'])
  })

  test('a template without end tokens gets the end of text', () => {
    const bare = {
      ...plain,
      template: chatTemplate("{% for m in messages %}{{ m.role ~ ': ' ~ m.content ~ '\n' }}{% endfor %}"),
    }
    const { completion } = encodeCompletion(bare, { prompt: [user('q')], completion: [assistant('a')] })
    expect(text(completion)).toBe('assistant: a\n</s>')
  })

  test('every turn of the assistant is learnt, given all before it', () => {
    const encoded = encodeText(chat, [user('1'), assistant('2'), user('3'), assistant('4')])
    expect(completionsOf(encoded).map(({ prompt, completion }) => [text(prompt), text(completion)])).toEqual([
      ['<s><|user|>1</s>\n<|assistant|>', '2</s>'],
      ['<s><|user|>1</s>\n<|assistant|>2</s>\n<|user|>3</s>\n<|assistant|>', '4</s>'],
    ])
  })

  test('without a template, messages are refused', () => {
    expect(() => encodePrompt(plain, [user('q')])).toThrow(
      'these are messages, but the model has no chat template',
    )
  })
})

test('what a trainer sees of every type has a name', () => {
  const names = (example: Parameters<typeof encodeExample>[1]) =>
    encodeExample(plain, example).map(({ name }) => name)
  expect(names({ type: 'preference', prompt: 'q', completions: ['a', 'b'] })).toEqual(['chosen', 'rejected'])
  expect(names({ type: 'preference', prompt: 'q', completions: ['a', 'b', 'c'] })).toEqual([
    'rank 1',
    'rank 2',
    'rank 3',
  ])
  expect(names({ type: 'unpaired-preference', prompt: 'q', completion: 'a', label: false })).toEqual([
    'disliked',
  ])
  const [steps] = encodeExample(plain, {
    type: 'stepwise-supervision',
    prompt: 'q',
    steps: ['1', '2'],
    labels: [true, false],
  })
  expect(text(steps!.ids)).toBe('<s>q1\n2\n')
  expect(steps!.learnt).toEqual([false, false, false, true, false, true])
})
