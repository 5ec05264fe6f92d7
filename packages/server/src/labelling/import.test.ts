import { memoryStore } from '@attune/feedback/store'
import { expect, test } from 'vitest'
import { importText } from './import.ts'

test('skipped annotations and answers of another kind are left out, and said', async () => {
  const store = memoryStore()
  const project = await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison' } })
  const pairwise = { from_name: 'comparison', to_name: 'a', type: 'pairwise', value: { selected: 'left' } }
  const rating = { from_name: 'rating', to_name: 'a', type: 'rating', value: { rating: 4 } }
  const data = { prompt: 'q', answer1: 'x', answer2: 'y' }
  const text = JSON.stringify([
    {
      data: { item: 'one', ...data },
      annotations: [
        { completed_by: 'ann', result: [pairwise], was_cancelled: true },
        { completed_by: 'bob', result: [pairwise] },
      ],
    },
    { data: { item: 'two', ...data }, annotations: [{ completed_by: 'ann', result: [rating] }] },
  ])
  const result = await importText(store, { project, format: 'label-studio', text })
  expect(result).toMatchObject({ items: 2, judgments: 1 })
  expect(result.problems).toEqual([
    { row: 1, message: expect.stringContaining('skipped') },
    { row: 2, message: expect.stringContaining('is a rating, but the project asks for comparison') },
  ])
  expect(await store.progress('p')).toMatchObject({ done: 1 })
})

test('an item whose id belongs to other texts is refused with its answers, and said', async () => {
  const store = memoryStore()
  const project = await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison' } })
  await store.addItems('p', [{ id: 'one', prompt: 'q', completions: [{ text: 'x' }, { text: 'z' }] }])
  const pairwise = { from_name: 'comparison', to_name: 'a', type: 'pairwise', value: { selected: 'left' } }
  const text = JSON.stringify([
    {
      data: { item: 'one', prompt: 'q', answer1: 'x', answer2: 'y' },
      annotations: [{ completed_by: 'ann', result: [pairwise] }],
    },
  ])
  const result = await importText(store, { project, format: 'label-studio', text })
  expect(result).toEqual({
    items: 0,
    judgments: 0,
    problems: [{ row: 1, message: "'one' is there already with other texts; left out" }],
  })
  const rows =
    '{"prompt":1}\n{"id":"one","prompt":"q","completions":["x","z"]}\n{"id":"one","prompt":"other"}'
  const lines = await importText(store, { project, format: 'jsonl', text: rows })
  expect(lines.problems.map(({ row }) => row)).toEqual([1, 3])
})

test('a row without the number of texts that the kind needs is left out, and said at its row', async () => {
  const store = memoryStore()
  const project = await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison' } })
  const rows = [['a'], ['a', 'b'], ['a', 'b', 'c']].map((completions) => ({ prompt: 'q', completions }))
  const text = ['not json', ...rows.map((row) => JSON.stringify(row))].join('\n')
  const result = await importText(store, { project, format: 'jsonl', text })
  expect(result.items).toBe(1)
  expect(result.problems).toEqual([
    { row: 1, message: expect.any(String) },
    { row: 2, message: 'has 1 completion, but a comparison needs 2; left out' },
    { row: 4, message: 'has 3 completions, but a comparison needs 2; left out' },
  ])
})
