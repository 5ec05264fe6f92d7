import { describe, expect, test } from 'vitest'
import type { Wanted } from './convert.ts'
import { datasetOf, shapeOf } from './dataset.ts'
import type { Row } from './example.ts'

const user = (content: string) => ({ role: 'user', content })
const assistant = (content: string) => ({ role: 'assistant', content })
const read = (rows: readonly Row[], options: { wanted?: Wanted; chat?: boolean } = {}) =>
  datasetOf(
    rows.map((row, i) => ({ where: `f.jsonl:${i + 1}`, row })),
    { chat: true, ...options },
  )
const examples = (rows: readonly Row[], options?: { wanted?: Wanted; chat?: boolean }) => {
  const { examples: found, problems } = read(rows, options)
  expect(problems).toEqual([])
  return found.map(({ example }) => example)
}
const problem = (rows: readonly Row[], options?: { wanted?: Wanted; chat?: boolean }) => {
  const { problems } = read(rows, options)
  expect(problems).toHaveLength(1)
  return `${problems[0]!.where}: ${problems[0]!.message}`
}

describe('TRL’s types, plain and conversational', () => {
  const [q, a, b] = [[user('q')], [assistant('a')], [assistant('b')]]
  test.each<[string, Row, object]>([
    ['text', { text: 't' }, { type: 'language-modeling', text: 't' }],
    ['messages', { messages: [...q, ...a] }, { type: 'language-modeling', text: [...q, ...a] }],
    ['prompt', { prompt: 'q' }, { type: 'prompt-only', prompt: 'q' }],
    ['chat prompt', { prompt: q }, { type: 'prompt-only', prompt: q }],
    [
      'completion',
      { prompt: 'q', completion: 'a' },
      { type: 'prompt-completion', prompt: 'q', completion: 'a' },
    ],
    [
      'chat completion',
      { prompt: q, completion: a },
      { type: 'prompt-completion', prompt: q, completion: a },
    ],
    [
      'explicit preference',
      { prompt: 'q', chosen: 'a', rejected: 'b', margin: 2 },
      { type: 'preference', prompt: 'q', completions: ['a', 'b'], margin: 2 },
    ],
    [
      'chat preference',
      { prompt: q, chosen: a, rejected: b },
      { type: 'preference', prompt: q, completions: [a, b] },
    ],
    [
      'implicit preference',
      { chosen: 'The sky is blue.', rejected: 'The sky is big.' },
      { type: 'preference', prompt: 'The sky is b', completions: ['lue.', 'ig.'] },
    ],
    [
      'implicit preference that parts at a space',
      { chosen: 'The sky is blue.', rejected: 'The sky is green.' },
      { type: 'preference', prompt: 'The sky is', completions: [' blue.', ' green.'] },
    ],
    [
      'implicit chat preference',
      { chosen: [...q, ...a], rejected: [...q, ...b] },
      { type: 'preference', prompt: q, completions: [a, b] },
    ],
    [
      'chat preference beside its prompt as text',
      { prompt: 'q', chosen: [...q, ...a], rejected: [...q, ...b] },
      { type: 'preference', prompt: q, completions: [a, b] },
    ],
    [
      'ranking',
      { prompt: 'q', completions: ['a', 'b', 'c'] },
      { type: 'preference', prompt: 'q', completions: ['a', 'b', 'c'] },
    ],
    [
      'thumb',
      { prompt: 'q', completion: 'a', label: true },
      { type: 'unpaired-preference', prompt: 'q', completion: 'a', label: true },
    ],
    [
      'chat thumb',
      { prompt: q, completion: a, label: false },
      { type: 'unpaired-preference', prompt: q, completion: a, label: false },
    ],
    [
      'steps',
      { prompt: 'q', completions: ['1', '2'], labels: [true, false] },
      { type: 'stepwise-supervision', prompt: 'q', steps: ['1', '2'], labels: [true, false] },
    ],
    [
      'tools come along',
      { prompt: q, tools: [{ name: 'f' }] },
      { type: 'prompt-only', prompt: q, tools: [{ name: 'f' }] },
    ],
    ['further columns are allowed', { prompt: 'q', category: 3 }, { type: 'prompt-only', prompt: 'q' }],
  ])('%s', (_, row, example) => expect(examples([row])).toEqual([example]))
})

describe('other ways of writing rows', () => {
  const chosen = '\n\nHuman: hi\n\nAssistant: hello\n\nHuman: how?\n\nAssistant: Well.'
  const rejected = '\n\nHuman: hi\n\nAssistant: hello\n\nHuman: how?\n\nAssistant: No.'
  const thread = [user('hi'), assistant('hello'), user('how?')]

  test('HH-RLHF: messages for models with a template, else text up to the last Assistant:', () => {
    expect(examples([{ chosen, rejected }])).toEqual([
      { type: 'preference', prompt: thread, completions: [[assistant('Well.')], [assistant('No.')]] },
    ])
    expect(examples([{ chosen, rejected }], { chat: false })).toEqual([
      {
        type: 'preference',
        prompt: '\n\nHuman: hi\n\nAssistant: hello\n\nHuman: how?\n\nAssistant:',
        completions: [' Well.', ' No.'],
      },
    ])
  })

  test('HH-RLHF: dialogues that part earlier keep what follows; one speaker twice is one message', () => {
    const longer = '\n\nHuman: hi\n\nAssistant: yes\n\nAssistant: or no\n\nHuman: ok\n\nAssistant: fine'
    expect(examples([{ chosen, rejected: longer }])).toEqual([
      {
        type: 'preference',
        prompt: [user('hi')],
        completions: [
          [assistant('hello'), user('how?'), assistant('Well.')],
          [assistant('yes\n\nor no'), user('ok'), assistant('fine')],
        ],
      },
    ])
  })

  const reply = (text: string, rank: number | null, replies: object[] = [], deleted = false) => ({
    text,
    role: 'assistant',
    rank,
    deleted,
    replies,
  })
  const tree = {
    message_tree_id: 'x',
    prompt: {
      text: 'q',
      role: 'prompter',
      replies: [
        reply('worst', 2),
        reply('best', 0, [{ text: 'more?', role: 'prompter', replies: [reply('only', null)] }]),
        reply('middle', 1),
        reply('gone', 3, [], true),
      ],
    },
  }

  test('Open-Assistant trees: rankings, best threads, prompts', () => {
    expect(examples([tree], { wanted: 'preference' })).toEqual([
      {
        type: 'preference',
        prompt: [user('q')],
        completions: ['best', 'middle', 'worst'].map((text) => [assistant(text)]),
      },
    ])
    const followed = [user('q'), assistant('best'), user('more?')]
    expect(examples([tree], { wanted: 'supervised' })).toEqual([
      { type: 'prompt-completion', prompt: [user('q')], completion: [assistant('best')] },
      { type: 'prompt-completion', prompt: followed, completion: [assistant('only')] },
    ])
    expect(
      examples([tree], { wanted: 'prompt-only' }).map((example) => 'prompt' in example && example.prompt),
    ).toEqual([[user('q')], followed])
  })

  test.each<[string, Row, object]>([
    [
      'ShareGPT conversations',
      {
        conversations: [{ from: 'human', value: 'q' }],
        chosen: { from: 'gpt', value: 'a' },
        rejected: { from: 'gpt', value: 'b' },
      },
      { type: 'preference', prompt: [user('q')], completions: [[assistant('a')], [assistant('b')]] },
    ],
    [
      'ShareGPT conversations',
      {
        conversations: [
          { from: 'human', value: 'q' },
          { from: 'gpt', value: 'a' },
        ],
      },
      { type: 'language-modeling', text: [user('q'), assistant('a')] },
    ],
    [
      'messages with a label',
      { messages: [user('q'), assistant('a')], label: true },
      { type: 'unpaired-preference', prompt: [user('q')], completion: [assistant('a')], label: true },
    ],
    [
      'Alpaca instructions',
      { instruction: 'Add.', input: '1 + 1', output: '2' },
      { type: 'prompt-completion', prompt: [user('Add.\n1 + 1')], completion: [assistant('2')] },
    ],
    [
      'PKU-SafeRLHF pairs',
      { prompt: 'q', response_0: 'a', response_1: 'b', better_response_id: 1 },
      { type: 'preference', prompt: [user('q')], completions: [[assistant('b')], [assistant('a')]] },
    ],
    [
      'questions with answers',
      { question: 'q', answer: 'a\n#### 1' },
      { type: 'prompt-completion', prompt: [user('q')], completion: [assistant('a\n#### 1')] },
    ],
    ['MT-bench questions', { turns: ['q', 'r'] }, { type: 'prompt-only', prompt: [user('q')] }],
  ])('%s', (name, row, example) => {
    expect(shapeOf(row)).toBe(name)
    expect(examples([row])).toEqual([example])
  })
})

describe('what one type gives to another', () => {
  const pair = { prompt: 'q', chosen: 'a', rejected: 'b' }
  test('a preference gives its chosen completion, its prompt, and two thumbs', () => {
    expect(examples([pair], { wanted: 'supervised' })).toEqual([
      { type: 'prompt-completion', prompt: 'q', completion: 'a' },
    ])
    expect(examples([pair], { wanted: 'prompt-only' })).toEqual([{ type: 'prompt-only', prompt: 'q' }])
    expect(examples([pair], { wanted: 'unpaired-preference' })).toEqual([
      { type: 'unpaired-preference', prompt: 'q', completion: 'a', label: true },
      { type: 'unpaired-preference', prompt: 'q', completion: 'b', label: false },
    ])
  })

  test('of thumbs, the completions that were liked are learnt', () => {
    const rows = [true, false].map((label) => ({ prompt: 'q', completion: String(label), label }))
    expect(examples(rows, { wanted: 'supervised' })).toEqual([
      { type: 'prompt-completion', prompt: 'q', completion: 'true' },
    ])
  })

  test('a conversation gives the prompt of its last answer', () => {
    const messages = [user('1'), assistant('2'), user('3'), assistant('4')]
    expect(examples([{ messages }], { wanted: 'prompt-only' })).toEqual([
      { type: 'prompt-only', prompt: messages.slice(0, 3) },
    ])
  })
})

describe('problems name the row', () => {
  test.each<[string, readonly Row[], RegExp, Wanted?]>([
    ['unknown columns', [{ a: 1, b: 2 }], /^f.jsonl:1: no type of data has just the columns a, b; known are/],
    ['an empty row', [{}], /columns \(none\)/],
    [
      'chosen equals rejected',
      [{ prompt: 'q', chosen: 'a', rejected: 'a' }],
      /^f.jsonl:1: chosen and rejected are the same text/,
    ],
    ['the same without a prompt', [{ chosen: 'a', rejected: 'a' }], /chosen and rejected are the same text/],
    [
      'a ranking with one text twice',
      [{ prompt: 'q', completions: ['a', 'b', 'a'] }],
      /completions 1 and 3 are the same text/,
    ],
    ['nothing in common', [{ chosen: 'a', rejected: 'b' }], /no common beginning, and there is no prompt/],
    [
      'chat beside plain',
      [
        { prompt: 'q', chosen: 'a', rejected: 'b' },
        { prompt: [user('q')], chosen: [assistant('a')], rejected: [assistant('b')] },
      ],
      /^f.jsonl:2: conversational preference, but f.jsonl:1 is plain preference; a file holds one kind/,
    ],
    [
      'chat in one column',
      [{ prompt: [user('q')], completion: 'a' }],
      /prompt is a list of messages and completion a text/,
    ],
    [
      'two types',
      [{ prompt: 'q', completion: 'a' }, { text: 't' }],
      /^f.jsonl:2: plain language-modeling, but f.jsonl:1 is plain prompt-completion/,
    ],
    [
      'a label that is no boolean',
      [{ prompt: 'q', completion: 'a', label: 1 }],
      /label is 1, expected true or false/,
    ],
    [
      'a margin that is no number',
      [{ prompt: 'q', chosen: 'a', rejected: 'b', margin: 'x' }],
      /margin is "x", expected a number/,
    ],
    [
      'a message without a role',
      [{ messages: [{ content: 'x' }] }],
      /messages is \[\{"content":"x"\}\], expected a text, or messages with role/,
    ],
    [
      'steps and labels of two lengths',
      [{ prompt: 'q', completions: ['1'], labels: [true, false] }],
      /1 completions, but 2 labels/,
    ],
    [
      'thumbs of one kind',
      [1, 2, 3].map((i) => ({ prompt: 'q', completion: `${i}`, label: true })),
      /^f.jsonl:1: all 3 labels from here to f.jsonl:3 are true; learning from them needs both kinds/,
    ],
    [
      'another type than wanted',
      [{ prompt: 'q' }],
      /^f.jsonl:1: this is prompt-only data \(its columns are prompt\), expected prompt-completion \(prompt and completion\) or language-modeling/,
      'supervised',
    ],
    ['prompts of plain text', [{ text: 'x' }], /this is language-modeling data/, 'prompt-only'],
    ['an empty completion', [{ prompt: 'q', completion: '' }], /the completion is empty/, 'supervised'],
  ])('%s', (_, rows, message, wanted) => {
    expect(problem(rows, wanted ? { wanted } : {})).toMatch(message)
  })
})
