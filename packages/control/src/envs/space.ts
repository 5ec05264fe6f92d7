/** Arrays of a shape with a lowest and a highest value for every element, ±∞ where there is none. */
export interface Box {
  readonly kind: 'box'
  readonly shape: readonly number[]
  readonly low: Float32Array
  readonly high: Float32Array
}

/** The whole numbers 0 … n − 1. */
export interface Discrete {
  readonly kind: 'discrete'
  readonly n: number
}

/** What observations or actions can be. */
export type Space = Box | Discrete

/** A box; a single number stands for every element. Throws when there are other bounds than elements. */
export function box(
  shape: readonly number[],
  low: number | readonly number[],
  high: number | readonly number[],
): Box {
  const size = shape.reduce((a, b) => a * b, 1)
  const filled = (name: string, bound: number | readonly number[]) => {
    if (typeof bound === 'number') return new Float32Array(size).fill(bound)
    if (bound.length === size) return Float32Array.from(bound)
    throw new RangeError(`a box of shape [${shape}]: ${name} has ${bound.length} numbers, expected ${size}`)
  }
  return { kind: 'box', shape, low: filled('low', low), high: filled('high', high) }
}

/** The space of n actions. */
export function discrete(n: number): Discrete {
  return { kind: 'discrete', n }
}

/** Elements of one value of the space: 1 when it is discrete. */
export function spaceSize(space: Space): number {
  return space.kind === 'discrete' ? 1 : space.shape.reduce((a, b) => a * b, 1)
}
