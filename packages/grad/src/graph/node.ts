import { shapeRules } from '../rules/shape.ts'
import type { Node, Primitive, Primitives, Region, Value } from './primitives.ts'

export type { Node, Region, Value } from './primitives.ts'

let nextId = 0
let currentRegion: Region | undefined

/** Applies a primitive and returns all its outputs. Throws at the call when shapes or types do not fit. */
export function applyAll<P extends Primitive>(
  primitive: P,
  inputs: readonly Value[],
  attributes: Primitives[P],
): Value[] {
  const outputs = shapeRules[primitive](inputs, attributes)
  const node: Node = { id: nextId++, primitive, inputs, attributes, outputs, region: currentRegion }
  return outputs.map((output, index) => ({ node, index, shape: output.shape, dtype: output.dtype }))
}

/** Applies a primitive of one output. */
export function apply<P extends Primitive>(
  primitive: P,
  inputs: readonly Value[],
  attributes: Primitives[P],
): Value {
  return applyAll(primitive, inputs, attributes)[0]!
}

/** Runs `build` with every node it makes belonging to `region`; the outermost region wins. */
export function withinRegion<R>(region: Region | undefined, build: () => R): R {
  const outer = currentRegion
  currentRegion = outer ?? region
  try {
    return build()
  } finally {
    currentRegion = outer
  }
}

/** Whether a node applies the given primitive, narrowing its attributes. */
export function isPrimitive<P extends Primitive>(node: Node, primitive: P): node is Node<P> & Node {
  return node.primitive === primitive
}

/** Nodes that `roots` depend on, every node after its inputs. */
export function topologicalOrder(roots: readonly Value[]): Node[] {
  const order: Node[] = []
  const seen = new Set<Node>()
  const stack: { node: Node; next: number }[] = []
  const enter = (node: Node) => {
    if (seen.has(node)) return
    seen.add(node)
    stack.push({ node, next: 0 })
  }
  for (const root of roots) {
    enter(root.node)
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const input = top.node.inputs[top.next++]
      if (input) enter(input.node)
      else {
        order.push(top.node)
        stack.pop()
      }
    }
  }
  return order
}
