import { randomKey } from '@attune/grad'
import { expect, test } from 'vitest'
import { drawToken, likeliestTokens, without } from './sample.ts'

const probabilities = Float32Array.of(0.5, 0.25, 0.15, 0.1, 0)

function shares(options: Parameters<typeof drawToken>[1], draws = 20_000): number[] {
  const random = randomKey(1)
  const counts = new Array<number>(probabilities.length).fill(0)
  for (let i = 0; i < draws; i++) counts[drawToken(probabilities, options, random)]! += 1 / draws
  return counts
}

function among(...kept: number[]): number[] {
  const total = kept.reduce((sum, i) => sum + probabilities[i]!, 0)
  return [...probabilities].map((p, i) => (kept.includes(i) ? p / total : 0))
}

test.each([
  [{}, among(0, 1, 2, 3)],
  [{ greedy: true }, among(0)],
  [{ topK: 2 }, among(0, 1)],
  [{ topP: 0.7 }, among(0, 1)], // 0.5 alone does not reach 0.7
  [{ topK: 3, topP: 0.8 }, among(0, 1)], // 0.75 of 0.9 is more than 0.8
])('%j draws in proportion', (options, expected) => {
  for (const [i, share] of shares(options).entries())
    expect(Math.abs(share - expected[i]!)).toBeLessThan(0.015)
})

test('the distribution is left as it was', () => {
  const before = probabilities.slice()
  drawToken(probabilities, { topK: 1 }, randomKey(0))
  expect(probabilities).toEqual(before)
})

test('without a token the others keep their proportions, also where float32 has no probability for them', () => {
  const close = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 4))
  expect([...without([0], probabilities.map(Math.log))]).toEqual(close(among(1, 2, 3)))
  const logprobs = Float32Array.of(-200, 0, -200 + Math.log(3))
  expect([...logprobs.map(Math.exp)]).toEqual([0, 1, 0])
  expect([...without([1], logprobs)]).toEqual(close([0.25, 0, 0.75]))
  expect(() => drawToken(without([1], Float32Array.of(0, 0, Number.NaN)), {}, randomKey(0))).toThrow(/NaN/)
})

test.each([{}, { greedy: true }])('NaN is refused: %j', (options) => {
  expect(() => drawToken(Float32Array.of(Number.NaN, Number.NaN), options, randomKey(0))).toThrow(/NaN/)
})

test('the likeliest tokens come in order, the first of equal ones before', () => {
  const tokens = (k: number, p = probabilities) => likeliestTokens(p, k).map(({ token }) => token)
  expect(tokens(0)).toEqual([])
  expect(tokens(3)).toEqual([0, 1, 2])
  expect(tokens(2, Float32Array.of(0.1, 0.4, 0.1, 0.4))).toEqual([1, 3])
  expect(tokens(9)).toEqual([0, 1, 2, 3, 4])
  expect(likeliestTokens(probabilities, 1)[0]!.logprob).toBeCloseTo(Math.log(0.5), 12)
})
