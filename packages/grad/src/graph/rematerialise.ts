import { apply, type Node, type Region, type Value, withinRegion } from './node.ts'

/** The inputs and outputs that a derivative rule reads. */
export interface PrimalValues {
  readonly inputs: readonly Value[]
  readonly outputs: readonly Value[]
}

/**
 * Finds a node's primal values for the reverse pass (Chen et al. 2016). Nodes of a `checkpoint` region are applied
 * anew, behind a barrier on the region's inputs that waits for the first cotangent to arrive there.
 */
export function rematerialiser(): (node: Node, trigger: Value) => PrimalValues {
  const copies = new Map<Region, (value: Value) => Value>()
  return (node, trigger) => {
    if (!node.region) return { inputs: node.inputs, outputs: outputsOf(node) }
    let copy = copies.get(node.region)
    if (!copy) {
      copy = copier(node.region, trigger)
      copies.set(node.region, copy)
    }
    return { inputs: node.inputs.map(copy), outputs: outputsOf(node).map(copy) }
  }
}

function copier(region: Region, trigger: Value): (value: Value) => Value {
  const clones = new Map<Node, Node>()
  const barriers = new Map<Node, Map<number, Value>>()
  const copy = (value: Value): Value => {
    if (value.node.region !== region) return behindBarrier(value)
    let clone = clones.get(value.node)
    if (!clone) {
      const inputs = value.node.inputs.map(copy)
      clone = withinRegion(undefined, () => apply(value.node.primitive, inputs, value.node.attributes)).node
      clones.set(value.node, clone)
    }
    return { ...value, node: clone }
  }
  const behindBarrier = (value: Value): Value => {
    const isLeaf = value.node.primitive === 'input' || value.node.primitive === 'constant'
    if (isLeaf || value.dtype !== 'float32') return value
    const known = barriers.get(value.node) ?? new Map<number, Value>()
    barriers.set(value.node, known)
    const barrier = known.get(value.index) ?? apply('barrier', [value, trigger], {})
    known.set(value.index, barrier)
    return barrier
  }
  return copy
}

function outputsOf(node: Node): Value[] {
  return node.outputs.map((output, index) => ({ node, index, shape: output.shape, dtype: output.dtype }))
}
