import { apply, type Value } from '../graph/node.ts'
import type { CustomVjp } from '../graph/primitives.ts'

/** `result`, a function of `args`, with a derivative rule of its own in place of the one of its parts. */
export function customGradient(result: Value, args: readonly Value[], vjp: CustomVjp): Value {
  return apply('customGradient', [result, ...args], { vjp })
}
