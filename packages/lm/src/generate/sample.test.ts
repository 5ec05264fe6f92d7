import { randomKey } from '@attune/grad'
import { expect, test } from 'vitest'
import { drawToken } from './sample.ts'

const logits = Float32Array.of(2, 1, 0, -1, Number.NEGATIVE_INFINITY)

function shares(options: Parameters<typeof drawToken>[1], draws = 20_000): number[] {
  const random = randomKey(1)
  const counts = new Array<number>(logits.length).fill(0)
  for (let i = 0; i < draws; i++) counts[drawToken(logits, options, random).token]! += 1 / draws
  return counts
}

function softmax(temperature: number, kept: number[] = [0, 1, 2, 3]): number[] {
  const weights = [...logits].map((logit, i) => (kept.includes(i) ? Math.exp(logit / temperature) : 0))
  const total = weights.reduce((a, b) => a + b)
  return weights.map((weight) => weight / total)
}

test.each([
  [{ temperature: 1 }, softmax(1)],
  [{ temperature: 0.5 }, softmax(0.5)],
  [{ temperature: 1, topK: 2 }, softmax(1, [0, 1])],
  [{ temperature: 1, topP: 0.7 }, softmax(1, [0, 1])], // 0.64 alone does not reach 0.7
  [{ temperature: 1, forbidden: 0 }, softmax(1, [1, 2, 3])],
])('%j draws in proportion', (options, expected) => {
  for (const [i, share] of shares(options).entries())
    expect(Math.abs(share - expected[i]!)).toBeLessThan(0.015)
})

test('log-probability and entropy are those of the whole distribution', () => {
  const { token, logprob, entropy } = drawToken(logits, { temperature: 0.5, topK: 1 }, randomKey(0))
  const p = softmax(0.5)
  expect(token).toBe(0)
  expect(logprob).toBeCloseTo(Math.log(p[0]!), 6)
  expect(entropy).toBeCloseTo(-p.reduce((sum, q) => sum + (q > 0 ? q * Math.log(q) : 0), 0), 6)
})

test('NaN is refused', () => {
  expect(() => drawToken(Float32Array.of(0, Number.NaN), { temperature: 1 }, randomKey(0))).toThrow(/NaN/)
})
