import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { workspace } from './workspace.ts'

let place: Awaited<ReturnType<typeof workspace>>
beforeAll(async () => {
  place = await workspace()
})
afterAll(() => place.remove())

describe('attune data inspect', () => {
  test('shows a preference row token by token: both sides, and only the completion learnt', async () => {
    await place.write('pairs.jsonl', '{"prompt": "the people", "chosen": " hope", "rejected": " war"}\n')
    const { stdout, code } = await place.attune(
      'data',
      'inspect',
      'pairs.jsonl',
      '--model',
      'model',
      '--json',
    )
    const found = JSON.parse(stdout) as {
      type: string
      problems: unknown[]
      samples: { rows: { name: string; tokens: { text: string; learnt: boolean }[] }[] }[]
    }
    expect(code).toBe(0)
    expect(found).toMatchObject({ type: 'preference', problems: [] })
    const learnt = found.samples[0]!.rows.map(({ name, tokens }) => [
      name,
      tokens.flatMap((token) => (token.learnt ? [token.text] : [])).join(''),
    ])
    expect(learnt).toEqual([
      ['chosen', ' hope<|endoftext|>'],
      ['rejected', ' war<|endoftext|>'],
    ])
  })

  test('names rows with problems, and fails', async () => {
    await place.write(
      'mixed.jsonl',
      '{"prompt": "the people", "completion": " hope"}\n{"prompt": "the people", "completion": ""}\n{"text": 3}\n',
    )
    const flags = ['--model', 'model', '--type', 'supervised']
    const { stdout, code } = await place.attune('data', 'inspect', 'mixed.jsonl', ...flags)
    expect(stdout).toMatch(/mixed\.jsonl: 3 rows of plain prompt-completion/)
    expect(stdout).toMatch(/problems {4}2\n {4}mixed\.jsonl:2: .*\n {4}mixed\.jsonl:3: /)
    expect(stdout).toMatch(/⟦ \|hope\|<\|endoftext\|>⟧/)
    expect(code).toBe(2)
  })
})
