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

/** A box; a single number stands for every element. */
export function box(
  shape: readonly number[],
  low: number | readonly number[],
  high: number | readonly number[],
): Box {
  const size = shape.reduce((a, b) => a * b, 1)
  const filled = (bound: number | readonly number[]) =>
    typeof bound === 'number' ? new Float32Array(size).fill(bound) : Float32Array.from(bound)
  return { kind: 'box', shape, low: filled(low), high: filled(high) }
}

/** The space of n actions. */
export function discrete(n: number): Discrete {
  return { kind: 'discrete', n }
}

/** Elements of one value of the space: 1 when it is discrete. */
export function spaceSize(space: Space): number {
  return space.kind === 'discrete' ? 1 : space.shape.reduce((a, b) => a * b, 1)
}
