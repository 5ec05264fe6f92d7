import { expect, test } from 'vitest'
import { pairsOfRanking } from '../model/ranking.ts'
import { simulatedAnnotator } from './annotator.ts'
import { judgeComparison, judgeRanking } from './judge.ts'

const exact = simulatedAnnotator('exact', { temperature: 0, lapseRate: 0 })
const context = { seed: 1, time: '2026-01-01T00:00:00.000Z', protocol: 'hopeful-1' }

test('a record says who judged, how that one errs, when, and under which protocol', () => {
  const question = { item: 'p1', prompt: 'We', completions: [' shall', ' fall'], gold: [2, -1] }
  expect(judgeComparison(exact, question, context)).toEqual({
    kind: 'comparison',
    item: 'p1',
    annotator: { id: 'exact', source: 'simulated', temperature: 0, lapseRate: 0 },
    time: '2026-01-01T00:00:00.000Z',
    protocol: 'hopeful-1',
    prompt: 'We',
    completions: [' shall', ' fall'],
    preferred: 0,
  })
})

test('a ranking names completions best first and implies all pairs', () => {
  const question = { item: 'p2', prompt: 'We', completions: ['a', 'b', 'c'], gold: [0, 2, 1] }
  const { order } = judgeRanking(exact, question, context)
  expect(order).toEqual([1, 2, 0])
  expect(pairsOfRanking(order)).toEqual([
    [1, 2],
    [1, 0],
    [2, 0],
  ])
})

test('questions that cannot be answered are refused by item', () => {
  const question = { item: 'p3', prompt: '', completions: ['a'], gold: [0] }
  expect(() => judgeComparison(exact, question, context)).toThrow(
    "item 'p3': a comparison needs 2 completions",
  )
  expect(() => judgeRanking(exact, question, context)).toThrow("item 'p3': a ranking needs at least 2")
})
