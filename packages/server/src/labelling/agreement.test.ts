import type { Item, Judgment } from '@attune/feedback'
import { expect, test } from 'vitest'
import { agreementOf, answerText } from './agreement.ts'
import { groupsOf } from './groups.ts'

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

test('a decision is in no agreement, and its item is no disagreement any more', () => {
  const judgments = ['i', 'j'].flatMap((item) => [answer(item, 'ann', true), answer(item, 'bob', false)])
  const decision = { ...answer('i', 'rev', true), metadata: { decision: true } } as Judgment
  const options = { items: itemsOf(judgments), names: new Map<string, string>() }
  const before = agreementOf(judgments, options)
  const after = agreementOf([...judgments, decision], options)
  expect(before.disagreements.map(({ item }) => item.id)).toEqual(['i', 'j'])
  expect(after).toEqual({ ...before, disagreements: before.disagreements.slice(1) })
  expect(groupsOf([...judgments, decision], new Map())).toEqual(groupsOf(judgments, new Map()))
})

const ranking = (id: string, order: readonly number[], ties?: readonly number[]) =>
  ({
    ...answer('i', id, true),
    kind: 'ranking',
    completion: undefined,
    desirable: undefined,
    completions: ['x', 'y', 'z'],
    order,
    ...(ties && { ties }),
  }) as unknown as Judgment

test('rankings are the same when their groups are: ties count, and not the order they were shown in', () => {
  expect(answerText(ranking('ann', [2, 0, 1], [0]))).toBe('0 = 2 > 1')
  expect(answerText(ranking('ann', [0, 2, 1], [0]))).toBe('0 = 2 > 1')
  expect(answerText(ranking('ann', [2, 0, 1], [0, 1]))).toBe('0 = 1 = 2')
  expect(answerText(ranking('ann', [2, 0, 1], []))).toBe('2 > 0 > 1')
  const item = { id: 'i', project: 'p', prompt: 'q', completions: [{ text: 'x' }] } as Item
  const rawOf = (...judgments: Judgment[]) =>
    agreementOf(judgments, { items: new Map([['i', item]]), names: new Map() }).raw
  expect(rawOf(ranking('ann', [0, 1, 2], [0]), ranking('bob', [1, 0, 2], [0]))).toBe(1)
  expect(rawOf(ranking('ann', [0, 1, 2], [0]), ranking('bob', [0, 1, 2]))).toBe(0)
})

test('a known ranking without ties is not matched by one that ties', () => {
  const item = {
    id: 'i',
    project: 'p',
    prompt: 'q',
    completions: [],
    gold: { order: [0, 1, 2] },
  } as unknown as Item
  const strict = (judgment: Judgment) => {
    const { completion: _, desirable: __, ...rest } = judgment as Judgment & Record<string, unknown>
    return rest as unknown as Judgment
  }
  const rightOf = (judgment: Judgment) =>
    agreementOf([strict(judgment)], { items: new Map([['i', item]]), names: new Map() }).annotators[0]!
      .goldAccuracy
  expect(rightOf(ranking('ann', [0, 1, 2]))).toBe(1)
  expect(rightOf(ranking('ann', [0, 1, 2], [0]))).toBe(0)
})
