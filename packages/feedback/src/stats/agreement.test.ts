import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Answer,
  cohenKappa,
  fleissKappa,
  kappaMatrix,
  krippendorffAlpha,
  rawAgreement,
} from './agreement.ts'

/** Rows are annotators, columns items, '.' is no answer. */
const table = (rows: readonly string[]): Answer<number>[] =>
  rows.flatMap((row, annotator) =>
    row.split(' ').flatMap((cell, item) => {
      const answer = { item: String(item), annotator: String(annotator), value: Number(cell) }
      return cell === '.' ? [] : [answer]
    }),
  )

test('α of the four observers and twelve units with missing data in Krippendorff 2011', () => {
  const data = table([
    '1 2 3 3 2 1 4 1 2 . . .',
    '1 2 3 3 2 2 4 1 2 5 . 3',
    '. 3 3 3 2 3 4 2 2 5 1 .',
    '1 2 3 3 2 4 4 1 2 5 1 .',
  ])
  // He prints 0.743, 0.815 and 0.849. The fractions are from his coincidence matrix (n = 9, 13, 10, 5, 3 of 40 values).
  expect(krippendorffAlpha(data, 'nominal')).toBeCloseTo(113 / 152, 9)
  expect(krippendorffAlpha(data, 'ordinal')).toBeCloseTo(108_577 / 133_160, 9)
  expect(krippendorffAlpha(data, 'interval')).toBeCloseTo(951 / 1120, 9)
})

test('α of two observers with binary data in Krippendorff 2011', () => {
  const data = table(['0 1 0 0 0 0 0 0 1 0', '1 1 1 0 0 1 0 0 0 0'])
  // 4 of 10 units differ; 14 zeros and 6 ones: 1 − 19 · (8/20) / (2 · 14 · 6/20) = 2/21, printed as 0.095
  expect(krippendorffAlpha(data)).toBeCloseTo(2 / 21, 9)
})

test('α of two observers with nominal data in Krippendorff 2011', () => {
  const letters = ['a a b b d c c c e d d a', 'b a b b b c c c e d d d']
  const data = letters.flatMap((row, annotator) =>
    row.split(' ').map((value, item) => ({ item: String(item), annotator: String(annotator), value })),
  )
  // 3 of 12 units differ; n = 4, 6, 6, 6, 2 of 24 values: 1 − 23 · 6 / (24 · 23 − 104) = 155/224, printed as 0.692
  expect(krippendorffAlpha(data)).toBeCloseTo(155 / 224, 9)
})

test('Cohen’s κ of hand-worked numbers', () => {
  // 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: p_o = 0.7, p_e = 0.5·0.6 + 0.5·0.4 = 0.5
  const cells: [number, number, number][] = [
    [20, 1, 1],
    [5, 1, 0],
    [10, 0, 1],
    [15, 0, 0],
  ]
  const pairs = cells.flatMap(([n, a, b]) => Array.from({ length: n }, () => [a, b] as const))
  const side = (place: 0 | 1) =>
    pairs.map((pair, i) => ({ item: String(i), annotator: String(place), value: pair[place] }))
  expect(cohenKappa(side(0), side(1))).toBeCloseTo(0.4, 12)
  const { annotators, kappa } = kappaMatrix([...side(0), ...side(1)])
  expect(annotators).toEqual(['0', '1'])
  expect(kappa[0]![1]).toBeCloseTo(0.4, 12)
  // Of two classes every weighting is the same.
  expect(cohenKappa(side(0), side(1), { weights: 'quadratic' })).toBeCloseTo(0.4, 12)
})

test('quadratic weights forgive near misses', () => {
  const first = table(['1 2 3 4'])
  const second = table(['1 2 3 3'])
  // D_o = 1/4; D_e = mean (a − b)² over 4 × 4 pairs = (6 + 2 + 4 + 4·... )/16 = 30/16
  const expected = [1, 2, 3, 4].flatMap((a) => [1, 2, 3, 3].map((b) => (a - b) ** 2))
  const chance = expected.reduce((x, y) => x + y, 0) / 16
  expect(cohenKappa(first, second, { weights: 'quadratic' })).toBeCloseTo(1 - 0.25 / chance, 12)
})

test('Fleiss’ κ of the fourteen raters and ten subjects of the literature', () => {
  const counts = [
    [0, 0, 0, 0, 14],
    [0, 2, 6, 4, 2],
    [0, 0, 3, 5, 6],
    [0, 3, 9, 2, 0],
    [2, 2, 8, 1, 1],
    [7, 7, 0, 0, 0],
    [3, 2, 6, 3, 0],
    [2, 5, 3, 2, 2],
    [6, 5, 2, 1, 0],
    [0, 2, 2, 3, 7],
  ]
  const answers = counts.flatMap((row, item) =>
    row
      .flatMap((n, value) => Array.from({ length: n }, () => value))
      .map((value, i) => ({ item: String(item), annotator: String(i), value })),
  )
  expect(fleissKappa(answers)).toBeCloseTo(4211 / 20_059, 9) // printed as 0.210
  expect(() => fleissKappa(answers.slice(1))).toThrow("use Krippendorff's α")
})

const answers = fc.array(
  fc.record({
    item: fc.constantFrom('a', 'b', 'c', 'd'),
    annotator: fc.constantFrom('x', 'y', 'z'),
    value: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 6, maxLength: 12 },
)

test('agreement knows neither the order of answers nor the names of annotators and classes', () => {
  fc.assert(
    fc.property(answers, (list) => {
      const renamed = [...list]
        .reverse()
        .map((a) => ({ ...a, annotator: `${a.annotator}'`, value: `v${a.value}` }))
      sameNumber(krippendorffAlpha(renamed), krippendorffAlpha(list))
      sameNumber(rawAgreement(renamed), rawAgreement(list))
      const shifted = list.map((a) => ({ ...a, value: a.value * 2 + 7 }))
      for (const level of ['nominal', 'ordinal', 'interval'] as const)
        sameNumber(krippendorffAlpha(shifted, level), krippendorffAlpha(list, level))
    }),
  )
})

/** Equal to nine places, or neither a number: lists without a pair have no agreement. */
function sameNumber(found: number, expected: number): void {
  if (Number.isNaN(expected)) expect(found).toBeNaN()
  else expect(found).toBeCloseTo(expected, 9)
}

test('annotators who always agree have 1', () => {
  const data = table(['1 2 3 1', '1 2 3 1', '1 2 3 1'])
  for (const level of ['nominal', 'ordinal', 'interval'] as const)
    expect(krippendorffAlpha(data, level)).toBe(1)
  expect(fleissKappa(data)).toBe(1)
  expect(rawAgreement(data)).toBe(1)
})
