import { randomNumbers } from '../simulate/random.ts'

/** Indices in an order that depends on the key alone (Fisher–Yates). */
export function uniformOrder(count: number, ...key: readonly (string | number)[]): number[] {
  const random = randomNumbers('uniform', ...key)
  const order = Array.from({ length: count }, (_, i) => i)
  for (let i = count - 1; i > 0; i--) {
    const j = random.int(i + 1)
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** Indices by falling value; equal values in their random order. */
export function orderByValue(values: readonly number[], ...key: readonly (string | number)[]): number[] {
  return uniformOrder(values.length, ...key).sort((a, b) => values[b]! - values[a]!)
}
