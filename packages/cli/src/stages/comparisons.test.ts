import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newModel, parseConfig, tokenizer, trainBpe } from '@attune/lm'
import { afterAll, describe, expect, test } from 'vitest'
import { allowedAccuracy, readJudgments } from './comparisons.ts'
import { readPrompts, readSequences } from './rows.ts'
import { readThumbs } from './thumbs.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-rows-'))
const path = join(folder, 'rows.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const end = '<|end|>'
const json = trainBpe([''], { vocabularySize: 257, specialTokens: [end] })
const config = parseConfig(
  { model_type: 'gpt2', vocab_size: 257, n_positions: 12, n_embd: 4, n_layer: 1, n_head: 1 },
  'test',
)
const withTokens = (names: object) => newModel(config, { tokenizer: tokenizer(json, names), seed: 0 })
const model = withTokens({ eos_token: end, bos_token: end, add_bos_token: true })
const options = { model, seed: 0, too_long: 'refuse' } as const

const write = (...rows: object[]) => writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
const ids = (text: string) => model.tokenizer.encode(text)

describe('judgments', () => {
  test('comparisons and rankings in text; completions end with the end of text', async () => {
    write(
      { prompt: 'a', chosen: 'b', rejected: 'c', margin: 0.5 },
      { prompt: 'a', completions: ['b', 'c', ''] },
    )
    expect(await readJudgments(path, options)).toEqual([
      {
        prompt: [0, ...ids('a')],
        completions: [
          [...ids('b'), 0],
          [...ids('c'), 0],
        ],
        margin: 0.5,
      },
      { prompt: [0, ...ids('a')], completions: [[...ids('b'), 0], [...ids('c'), 0], [0]], margin: 0 },
    ])
  })

  test('token ids, gold scores and a simulated annotator as the label stage writes them', async () => {
    const annotator = { id: 'x', source: 'simulated', temperature: 1, lapseRate: 0 }
    const row = { prompt_ids: [1, 2], completion_ids: [[3], [4, 0]], gold: [1, 0], annotator }
    write(row)
    const judgments = await readJudgments(path, options)
    expect(judgments).toEqual([{ prompt: [1, 2], completions: [[3], [4, 0]], gold: [1, 0], annotator }])
    expect(allowedAccuracy(judgments)).toBeCloseTo(1 / (1 + Math.exp(-1)), 6)
    write({ ...row, annotator: { id: 'p', source: 'person' } })
    expect(allowedAccuracy(await readJudgments(path, options))).toBeUndefined()
  })

  test('of completions that were sampled twice one is kept; a row of one completion says nothing', async () => {
    write(
      { prompt_ids: [1], completion_ids: [[2], [3], [2]], gold: [3, 2, 1] },
      { prompt_ids: [1], completion_ids: [[2], [2]] },
    )
    expect(await readJudgments(path, options)).toEqual([
      { prompt: [1], completions: [[2], [3]], gold: [3, 2] },
    ])
    write({ prompt_ids: [1], completion_ids: [[2], [2]] })
    await expect(readJudgments(path, options)).rejects.toThrow(
      `${path}:1: all completions of a prompt are the same`,
    )
  })

  test.each([
    [
      { prompt: 'a', chosen: 'b' },
      /:1: this is prompt-only data \(its columns are prompt, chosen\), expected preference \(chosen and rejected/,
    ],
    [{ prompt: 'a', completions: ['b'] }, /completions is \["b"\], expected a list of two or more/],
    [{ prompt: 'a', completions: ['b', 7] }, /completions\[1\] is 7, expected a text/],
    [{ prompt: 'a', completions: 'bc' }, /completions is "bc", expected a list/],
    [{ prompt: 'a', chosen: 'b', rejected: 'b' }, /chosen and rejected are the same text/],
    [{ prompt: 'a', chosen: 'b', rejected: 'c', margin: '1' }, /margin is "1", expected a number/],
    [{ prompt: 'a', chosen: 'b'.repeat(12), rejected: 'c' }, /:1: 15 tokens, but the model's context is 12/],
    [{ prompt_ids: [], completion_ids: [[1], [2]] }, /expected token ids in prompt_ids/],
    [{ prompt_ids: [1], completion_ids: [[1]] }, /two or more completion_ids/],
    [{ prompt_ids: [1], completion_ids: [[1], []] }, /two or more completion_ids/],
    [{ prompt_ids: [1], completion_ids: [[1], [-1]] }, /two or more completion_ids/],
    [{ prompt_ids: [1], completion_ids: [[1], [257]] }, /token 257 is beyond the model's vocabulary of 257/],
    [{ prompt_ids: [1], completion_ids: [[1], [2]], gold: [1] }, /a number in gold for each of the 2/],
    [
      { prompt_ids: Array(12).fill(1), completion_ids: [[1], [2]] },
      /13 tokens, but the model's context is 12/,
    ],
  ])('%j is refused with its line', async (row, message) => {
    write(row)
    await expect(readJudgments(path, options)).rejects.toThrow(message)
    await expect(readJudgments(path, options)).rejects.toThrow(`${path}:1: `)
  })
})

describe('thumbs', () => {
  test('labels in text, and the ends of what was ranked', async () => {
    write({ prompt: 'a', completion: 'b', label: true }, { prompt: 'a', completion: 'c', label: false })
    expect(await readThumbs(path, options)).toEqual([
      { prompt: [0, ...ids('a')], completion: [...ids('b'), 0], desirable: true },
      { prompt: [0, ...ids('a')], completion: [...ids('c'), 0], desirable: false },
    ])
    write(
      { prompt_ids: [1], completion_ids: [[2], [3], [4]] },
      { prompt_ids: [1], completion_ids: [[5], [5]] },
    )
    expect(await readThumbs(path, options)).toEqual([
      { prompt: [1], completion: [2], desirable: true },
      { prompt: [1], completion: [4], desirable: false },
    ])
  })

  const liked = { prompt: 'a', completion: 'b', label: true }
  const chat = {
    prompt: [{ role: 'user', content: 'a' }],
    completion: [{ role: 'assistant', content: 'b' }],
    label: false,
  }
  test.each([
    [[liked, liked], /:1: all 2 labels from here to .*:2 are true; learning from them needs both kinds/],
    [[liked, { ...liked, label: 'no' }], /:2: label is "no", expected true or false/],
    [[liked, chat], /:2: conversational unpaired-preference, but .*:1 is plain unpaired-preference/],
    [[chat, { ...chat, label: true }], /:1: these are messages, but the model has no chat template/],
  ])('%j is refused with its line', async (rows, message) => {
    write(...rows)
    await expect(readThumbs(path, options)).rejects.toThrow(message)
  })

  test('a kind that is lost because its rows are too long is told', async () => {
    write(liked, { prompt: 'a', completion: 'c'.repeat(20), label: false })
    await expect(readThumbs(path, { ...options, too_long: 'drop' })).rejects.toThrow(
      'all 1 rows that are left are liked',
    )
  })

  test('a template that swallows the answer is named with the row', async () => {
    const tokens = tokenizer(json, {
      eos_token: end,
      chat_template: '{% for m in messages %}{% if m.role == "user" %}{{ m.content }}{% endif %}{% endfor %}',
    })
    write(chat, { ...chat, label: true })
    const deaf = newModel(config, { tokenizer: tokens, seed: 0 })
    await expect(readThumbs(path, { ...options, model: deaf })).rejects.toThrow(
      `${path}:1: the chat template swallows message 2 (assistant)`,
    )
  })
})

describe('data of best-of-n', () => {
  test('the very tokens that were sampled are learnt', async () => {
    write({ prompt_ids: [1, 2], completion_ids: [3, 0], score: 1 })
    expect(await readSequences(path, options)).toEqual([{ prompt: [1, 2], completion: [3, 0] }])
    write({ prompt_ids: [1, 2], completion_ids: [999] })
    await expect(readSequences(path, options)).rejects.toThrow(
      `${path}:1: expected token ids below 257 in completion_ids`,
    )
  })
})

describe('prompts and demonstrations', () => {
  test('a prompt needs room for what is generated', async () => {
    write({ prompt: 'abc' }, { prompt: 'a'.repeat(9) })
    expect(await readPrompts(path, model, 2)).toEqual([
      [0, ...ids('abc')],
      [0, ...ids('a'.repeat(9))],
    ])
    await expect(readPrompts(path, model, 3)).rejects.toThrow(
      `${path}:2: the prompt has 10 tokens, and with max_new_tokens 3 does not fit the model's context of 12`,
    )
  })

  test('an empty prompt begins with the beginning of text, where there is one', async () => {
    write({ prompt: '' })
    expect(await readPrompts(path, model, 1)).toEqual([[0]])
    await expect(readPrompts(path, withTokens({ eos_token: end }), 1)).rejects.toThrow(
      `${path}:1: the prompt has no token, and the tokenizer no bos_token`,
    )
  })

  test('line numbers count blank lines', async () => {
    writeFileSync(path, `\n\n${JSON.stringify({ prompt: 'a', completion: 'b'.repeat(12) })}`)
    await expect(readSequences(path, options)).rejects.toThrow(
      `${path}:3: 15 tokens, but the model's context`,
    )
  })

  test('a row whose labels are all masked is refused', async () => {
    write({ prompt: 'a', completion: 'b' }, { prompt: 'a', completion: '' })
    await expect(readSequences(path, options)).rejects.toThrow(`${path}:2: the completion is empty`)
  })
})
