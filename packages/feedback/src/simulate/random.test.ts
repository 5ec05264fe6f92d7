import { expect, test } from 'vitest'
import { randomNumbers } from './random.ts'

const draw = (count: number, ...path: (string | number)[]) => {
  const { uniform } = randomNumbers(...path)
  return Array.from({ length: count }, uniform)
}

test('the same path gives the same numbers, another path others', () => {
  expect(draw(4, 'a', 1)).toEqual(draw(4, 'a', 1))
  expect(draw(4, 'a', 1)).not.toEqual(draw(4, 'a', 2))
  expect(draw(4, 'a/b', 'c')).not.toEqual(draw(4, 'a', 'b/c'))
  expect(draw(4, '1')).not.toEqual(draw(4, 1))
})

test('numbers are uniform within a stream and across neighbouring keys', () => {
  const across = Array.from({ length: 20_000 }, (_, i) => draw(1, 'item', i)[0]!)
  for (const numbers of [draw(20_000, 'stream'), across]) {
    const counts = new Array<number>(10).fill(0)
    for (const number of numbers) counts[Math.floor(number * 10)]!++
    const chiSquare = counts.reduce((total, count) => total + (count - 2000) ** 2 / 2000, 0)
    expect(chiSquare).toBeLessThan(27.9) // 0.1 % point of χ² with 9 degrees of freedom
    const lagged = numbers.slice(1).reduce((total, x, i) => total + (x - 0.5) * (numbers[i]! - 0.5), 0)
    expect(Math.abs((12 * lagged) / numbers.length)).toBeLessThan(0.025)
  }
})

test('ten thousand keys do not collide', () => {
  const first = Array.from({ length: 10_000 }, (_, i) => draw(2, 0, 'annotator', `prompt-${i}`).join())
  expect(new Set(first).size).toBe(10_000)
})

test('Gumbel numbers are finite, with mean 0.5772', () => {
  const { gumbel } = randomNumbers('gumbel')
  const numbers = Array.from({ length: 20_000 }, gumbel)
  expect(numbers.every(Number.isFinite)).toBe(true)
  expect(numbers.reduce((a, b) => a + b, 0) / 20_000).toBeCloseTo(0.5772, 1)
})
