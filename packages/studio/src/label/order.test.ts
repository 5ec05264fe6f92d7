import { expect, test } from 'vitest'
import { orderOf } from './order.ts'

test('a name has one order, and over many names each order is as frequent as any other', () => {
  expect(orderOf('ada item-1', 4)).toEqual(orderOf('ada item-1', 4))
  const names = Array.from({ length: 6000 }, (_, i) => `ada item-${i}`)
  for (const count of [2, 3]) {
    const frequency = new Map<string, number>()
    for (const name of names) {
      const order = String(orderOf(name, count))
      frequency.set(order, (frequency.get(order) ?? 0) + 1)
    }
    const orders = count === 2 ? 2 : 6
    expect(frequency.size).toBe(orders)
    // five standard deviations of a binomial count
    for (const found of frequency.values())
      expect(Math.abs(found - 6000 / orders)).toBeLessThan(5 * Math.sqrt((6000 / orders) * (1 - 1 / orders)))
  }
})
