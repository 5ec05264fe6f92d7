import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { randomNumbers } from '../simulate/random.ts'
import type { Answer } from './agreement.ts'
import { annotatorAccuracy, dawidSkene, majorityVote } from './dawid-skene.ts'

/** Annotators of known accuracy; a wrong answer is any other class. */
function crowd(accuracies: readonly number[], { items, classes }: { items: number; classes: number }) {
  const random = randomNumbers('crowd', items, classes)
  const truth = new Map(Array.from({ length: items }, (_, i) => [`i${i}`, String(random.int(classes))]))
  const answers = [...truth].flatMap(([item, label]) =>
    accuracies.map((accuracy, a): Answer => {
      const wrong = (Number(label) + 1 + random.int(classes - 1)) % classes
      return { item, annotator: `w${a}`, value: random.uniform() < accuracy ? label : String(wrong) }
    }),
  )
  return { truth, answers }
}

const accuracyOf = (labels: ReadonlyMap<string, string>, truth: ReadonlyMap<string, string>) =>
  [...truth].filter(([item, label]) => labels.get(item) === label).length / truth.size

test.each([2, 4])('recovers accuracies and beats the vote where annotators differ, %d classes', (classes) => {
  const accuracies = [0.95, 0.9, 0.45, 0.45, 0.45]
  const { truth, answers } = crowd(accuracies, { items: 1500, classes })
  const { labels, confusion, prior } = dawidSkene(answers)
  expect(accuracyOf(labels, truth)).toBeGreaterThan(accuracyOf(majorityVote(answers), truth) + 0.02)
  accuracies.forEach((accuracy, a) => {
    const matrix = confusion.get(`w${a}`)!
    const found = matrix.reduce((total, row, k) => total + prior[k]! * row[k]!, 0)
    expect(Math.abs(found - accuracy)).toBeLessThan(0.05)
  })
})

test('answers that are all equal stay', () => {
  const answers = ['x', 'y'].flatMap((annotator) => [
    { item: 'a', annotator, value: 1 },
    { item: 'b', annotator, value: 0 },
  ])
  expect(Object.fromEntries(dawidSkene(answers).labels)).toEqual({ a: '1', b: '0' })
  expect(annotatorAccuracy(answers, new Map([['a', 0]])).get('x')).toEqual({ right: 0, answered: 1 })
})

const folder = '../shared/data/crowd-truth'
const rows = (path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(','))

test.skipIf(!existsSync(folder)).each([
  ['rte', 0.92],
  ['MS', 0.7],
])('real crowd %s (needs ../shared/data): at least as good as the vote', (name, least) => {
  const answers = rows(`${folder}/${name}/label.csv`).map(([item, annotator, value]) => {
    return { item: item!, annotator: annotator!, value: value! }
  })
  const truth = new Map(rows(`${folder}/${name}/truth.csv`).map(([item, label]) => [item!, label!]))
  const ours = accuracyOf(dawidSkene(answers).labels, truth)
  const vote = accuracyOf(majorityVote(answers), truth)
  console.log(`${name}: Dawid–Skene ${ours.toFixed(4)}, majority ${vote.toFixed(4)}`)
  expect(ours).toBeGreaterThan(least)
  expect(ours).toBeGreaterThan(vote - 0.01)
})
