import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { number } from '../src/commands/generate.ts'
import { tinyRecipe, workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>

beforeAll(async () => {
  place = await workspace()
})

afterAll(() => place.remove())

test('generate prints the completion alone, the same at every run', async () => {
  const args = [
    'generate',
    '--model',
    'model',
    '--prompt',
    'the people',
    '--temperature',
    '0',
    '--max-new-tokens',
    '5',
  ]
  const plain = await place.attune(...args)
  expect(plain).toMatchObject({ code: 0, stderr: '' })
  const json = await place.attune(...args, '--json')
  const { text, tokens, logprobs } = JSON.parse(json.stdout)
  expect(plain.stdout).toBe(`${text}\n`)
  expect(tokens).toHaveLength(5)
  expect(logprobs.every((logp: number) => logp < 0)).toBe(true)
})

test('eval gives the mean cross-entropy per token: about ln V for an untrained model', async () => {
  const { stdout, code } = await place.attune('eval', '--model', 'model', '--text', 'text.txt', '--json')
  expect(code).toBe(0)
  const { crossEntropy, perplexity, tokens } = JSON.parse(stdout)
  expect(Math.abs(crossEntropy - Math.log(280))).toBeLessThan(0.2)
  expect(perplexity).toBeCloseTo(Math.exp(crossEntropy), 6)
  expect(tokens).toBeGreaterThan(100)
  const short = await place.attune(
    'eval',
    '--model',
    'model',
    '--text',
    'text.txt',
    '--json',
    '--max-length',
    '12',
  )
  expect(JSON.parse(short.stdout).tokens).toBe(tokens)
  expect(JSON.parse(short.stdout).crossEntropy).not.toBe(crossEntropy)
  const long = await place.attune('eval', '--model', 'model', '--text', 'text.txt', '--max-length', '49')
  expect(long.stderr).toMatch(/--max-length is '49', expected a whole number from 2 to 48/)
})

test('pretrain makes a model from text that the other commands read', async () => {
  await place.write(
    'pretrain.yaml',
    `name: base
stages:
  - name: base
    stage: pretrain
    text: text.txt
    vocabulary_size: 270
    sequence_length: 16
    steps: 4
    batch_size: 2
    learning_rate: 0.01
    dtype: F16
    config: { model_type: llama, hidden_size: 16, intermediate_size: 32, num_hidden_layers: 1, num_attention_heads: 2, max_position_embeddings: 16, tie_word_embeddings: true }
`,
  )
  expect((await place.attune('pretrain', 'pretrain.yaml')).code).toBe(0)
  const { code, stdout } = await place.attune(
    'generate',
    '--model',
    'runs/base/base/model',
    '--prompt',
    'the',
    '--max-new-tokens',
    '3',
  )
  expect(code).toBe(0)
  expect(stdout.length).toBeGreaterThan(1)
}, 60_000)

describe('mistakes get one clear message and a non-zero exit', () => {
  const cases: readonly [string, string, RegExp][] = [
    [
      'an unknown key',
      tinyRecipe.replace('learning_rate: 0.003', 'learning_rat: 0.003'),
      /recipe\.yaml:\d+: .*no field 'learning_rat'; did you mean 'learning_rate'\?/,
    ],
    [
      'a missing file',
      tinyRecipe.replace('data: rows.jsonl', 'data: nowhere.jsonl'),
      /sft\.data: there is no file or folder 'nowhere\.jsonl'/,
    ],
    [
      'a missing model',
      tinyRecipe.replace('model: model,', 'model: nowhere,'),
      /sft\.model: there is no file or folder 'nowhere'/,
    ],
    [
      'a missing file of a later stage, before the first has run',
      tinyRecipe.replace('prompts: rows.jsonl, items: 16', 'prompts: later.jsonl, items: 16'),
      /^attune: evaluate\.prompts: there is no file or folder 'later\.jsonl'\n$/,
    ],
    [
      'a stage that is not there',
      tinyRecipe.replace('comparisons: stage:label', 'comparisons: stage:labels'),
      /'stage:labels' names no earlier stage \(there are: sft, label\)/,
    ],
    [
      'a wrong type',
      tinyRecipe.replace('steps: 6', 'steps: six'),
      /recipe\.yaml:\d+: stages\.4\.steps: .*number.*"six"/,
    ],
    ['malformed YAML', 'name: [', /recipe\.yaml: /],
  ]
  test.each(cases)('%s', async (_, recipe, message) => {
    await place.write('recipe.yaml', recipe)
    const { code, stderr } = await place.attune('run', 'recipe.yaml')
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(code).toBeGreaterThan(0)
  })

  test.each([
    ['an empty file', '', /rows2\.jsonl: the file has no rows/],
    ['malformed JSON', '{"prompt": "a", "completion": "b"}\n{"prompt": ', /rows2\.jsonl:2: not valid JSON/],
    [
      'a missing field',
      '{"prompt": "a"}\n',
      /rows2\.jsonl:1: this is prompt-only data \(its columns are prompt\), expected prompt-completion/,
    ],
    [
      'all labels masked',
      '\n{"prompt": "a", "completion": ""}\n',
      /rows2\.jsonl:2: the completion is empty; with the prompt masked there is nothing to learn/,
    ],
    [
      'a row beyond the context',
      `${JSON.stringify({ prompt: 'a', completion: ' the'.repeat(99) })}\n`,
      /rows2\.jsonl:1: \d+ tokens, but the model's context is 48/,
    ],
  ])('rows: %s', async (_, rows, message) => {
    await place.write('rows2.jsonl', rows)
    await place.write('recipe.yaml', tinyRecipe.replace('data: rows.jsonl', 'data: rows2.jsonl'))
    const { code, stderr } = await place.attune('run', 'recipe.yaml')
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/\n\s+at /)
    expect(code).toBeGreaterThan(0)
  })

  test('a run that never began leaves no folder', async () => {
    await place.write(
      'recipe.yaml',
      tinyRecipe.replace('name: tiny', 'name: never').replace('model: model,', 'model: no,'),
    )
    expect((await place.attune('run', 'recipe.yaml')).code).toBeGreaterThan(0)
    await expect(place.read('runs/never')).rejects.toThrow('ENOENT')
  })

  test('a prompt longer than the context', async () => {
    const { code, stderr } = await place.attune(
      'generate',
      '--model',
      'model',
      '--prompt',
      ' the people'.repeat(60),
    )
    expect(stderr).toMatch(/do not fit the context of 48/)
    expect(code).toBeGreaterThan(0)
  })

  test('a flag that is no number', async () => {
    const { stderr, code } = await place.attune(
      'generate',
      '--model',
      'model',
      '--prompt',
      'a',
      '--max-new-tokens',
      'many',
    )
    expect(stderr).toMatch(/--max-new-tokens is 'many', expected a whole number from 1/)
    expect(code).toBeGreaterThan(0)
  })

  test('numbers that are out of their bounds', () => {
    expect(number('0.9', '--top-p', { least: 0, most: 1 })).toBe(0.9)
    expect(() => number('3', '--top-p', { least: 0, most: 1 })).toThrow(
      "--top-p is '3', expected a number from 0 to 1",
    )
    expect(() => number('1.5', '--top-k', { whole: true, least: 1 })).toThrow('a whole number from 1')
  })
})
