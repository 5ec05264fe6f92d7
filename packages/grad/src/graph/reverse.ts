import { add, scalar } from '../ops/elementwise.ts'
import { broadcastTo } from '../ops/shape.ts'
import { type VjpRule, vjpRules } from '../rules/vjp.ts'
import { apply, type Node, topologicalOrder, type Value } from './node.ts'
import { rematerialiser } from './rematerialise.ts'

/** Cotangents of `wrt` for a scalar `loss`: the reverse pass, added to the graph. Zeros where nothing flows. */
export function gradients(loss: Value, wrt: readonly Value[]): Value[] {
  if (loss.shape.length !== 0 || loss.dtype !== 'float32') {
    throw new TypeError(`a loss must be a float32 scalar, found ${loss.dtype}[${loss.shape}]`)
  }
  const order = topologicalOrder([loss])
  const active = dependents(order, wrt)
  const cotangents = new Map<Node, (Value | undefined)[]>([[loss.node, [scalar(1)]]])
  const primalOf = rematerialiser()
  for (const node of order.reverse()) {
    const received = cotangents.get(node)
    if (!received || !active.has(node)) continue
    const primal = primalOf(node, received.find((g) => g !== undefined)!)
    const g = received[0] ?? broadcastTo(scalar(0), node.outputs[0]!.shape)
    const rule = vjpRules[node.primitive] as VjpRule<typeof node.primitive>
    rule(g, { ...primal, attributes: node.attributes, cotangents: received }).forEach(
      (cotangent, position) => {
        const input = node.inputs[position]!
        if (cotangent && active.has(input.node)) accumulate(cotangents, input, cotangent)
      },
    )
  }
  return wrt.map((x) => cotangents.get(x.node)?.[x.index] ?? broadcastTo(scalar(0), x.shape))
}

function accumulate(cotangents: Map<Node, (Value | undefined)[]>, value: Value, g: Value): void {
  const slots = cotangents.get(value.node) ?? []
  const present = slots[value.index]
  slots[value.index] = present ? sumOf(present, g) : g
  cotangents.set(value.node, slots)
}

/** a + b; a scatter into zeros goes straight into the other summand. */
function sumOf(a: Value, b: Value): Value {
  for (const [scattered, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { primitive, inputs } = scattered.node
    if (primitive === 'scatterAdd' && isZero(inputs[0]!))
      return apply('scatterAdd', [other, inputs[1]!, inputs[2]!], {})
  }
  return add(a, b)
}

function isZero(x: Value): boolean {
  const source = x.node.primitive === 'broadcastTo' ? x.node.inputs[0]! : x
  return (
    source.node.primitive === 'constant' &&
    (source.node as Node<'constant'>).attributes.value.data.every((v) => v === 0)
  )
}

function dependents(order: readonly Node[], wrt: readonly Value[]): Set<Node> {
  const active = new Set<Node>(wrt.map((x) => x.node))
  for (const node of order) {
    if (node.inputs.some((input) => active.has(input.node))) active.add(node)
  }
  return active
}
