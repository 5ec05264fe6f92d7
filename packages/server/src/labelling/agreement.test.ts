import type { Item, Judgment } from '@attune/feedback'
import { expect, test } from 'vitest'
import { agreementOf } from './agreement.ts'

const answer = (item: string, id: string, desirable: boolean, source = 'person') =>
  ({
    kind: 'binary',
    project: 'p',
    item,
    prompt: 'q',
    completion: 'x',
    desirable,
    annotator: source === 'ai' ? { id, source, model: id } : { id, source },
    time: '2026-01-01T00:00:00.000Z',
    protocol: '1',
  }) as Judgment

const itemsOf = (judgments: readonly Judgment[], gold: readonly string[] = []) =>
  new Map(
    judgments.map(({ item }) => {
      const known = gold.includes(item) ? { gold: { desirable: true } } : {}
      return [item, { id: item, project: 'p', prompt: 'q', completions: [{ text: 'x' }], ...known } as Item]
    }),
  )

test('Fleiss’ κ is over the items with the most common number of answers, without gold', () => {
  const twice = Array.from({ length: 10 }, (_, i) => [
    answer(`i${i}`, 'ann', i < 5),
    answer(`i${i}`, 'bob', i < 5),
  ]).flat()
  const thrice = ['ann', 'bob', 'cyd'].map((id) => answer('odd', id, id === 'ann'))
  const gold = Array.from({ length: 20 }, (_, i) => [
    answer(`g${i}`, 'ann', true),
    answer(`g${i}`, 'bob', false),
  ]).flat()
  const judgments = [...twice, ...thrice, ...gold]
  const names = new Map<string, string>()
  const items = itemsOf(
    judgments,
    gold.map(({ item }) => item),
  )
  expect(agreementOf(judgments, { items, names }).kappa).toEqual({ name: 'fleiss', value: 1, items: 10 })
})

test('a model’s answers are in the matrix, and in no person’s agreement', () => {
  const judgments = [answer('i', 'ann', true), answer('i', 'bob', true), answer('i', 'ai:m', false, 'ai')]
  const report = agreementOf(judgments, { items: itemsOf(judgments), names: new Map() })
  expect(report.annotators.map(({ id, agreement }) => [id, agreement])).toEqual([
    ['ai:m', 0],
    ['ann', 1],
    ['bob', 1],
  ])
  expect(report.disagreements).toEqual([])
  expect(report.matrix.items[0]).toEqual([1, 1, 1])
})
