import { type Node, topologicalOrder, type Value } from '../graph/node.ts'
import type { Shape } from '../ndarray.ts'
import { type Emitter, int64Bytes, type LowerRule, lowerRules } from '../rules/lower.ts'
import type { OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxPort, OnnxType } from './model.ts'

/** Lowers the graph below `outputs` to ONNX; output i is named `out{i}`. Inputs that nothing reads are left out. */
export function lowerProgram(outputs: readonly Value[]): OnnxGraph {
  const builder = new GraphBuilder()
  const names = new Map<Node, string[]>()
  const nameOf = (value: Value) => names.get(value.node)![value.index]!
  const inputs: OnnxPort[] = []
  for (const node of topologicalOrder(outputs)) {
    const rule = lowerRules[node.primitive] as LowerRule<typeof node.primitive>
    names.set(node, rule(builder, node.inputs.map(nameOf), node))
    if (node.primitive === 'input') inputs.push((node as Node<'input'>).attributes)
  }
  return builder.finish(
    inputs,
    outputs.map((value) => ({ value, name: nameOf(value) })),
  )
}

class GraphBuilder implements Emitter {
  readonly #nodes: OnnxNode[] = []
  readonly #initializers: OnnxInitializer[] = []
  readonly #shared = new Map<string, string>()
  #count = 0

  readonly op: Emitter['op'] = (operator, inputs, attributes = {}) =>
    this.#emit('', { operator, inputs, attributes })[0]!

  readonly contrib: Emitter['contrib'] = (operator, inputs, attributes = {}) =>
    this.#emit('com.microsoft', { operator, inputs, attributes })[0]!

  readonly ops: Emitter['ops'] = (operator, inputs, { outputs, attributes = {} }) =>
    this.#emit('', { operator, inputs, attributes }, outputs)

  readonly integers: Emitter['integers'] = (values) =>
    this.#sharedConstant(`int64 ${values}`, {
      dtype: 'int64',
      shape: [values.length],
      bytes: int64Bytes(values),
    })

  readonly float: Emitter['float'] = (value) =>
    this.#sharedConstant(`float32 ${value}`, {
      dtype: 'float32',
      shape: [],
      bytes: new Uint8Array(Float32Array.of(value).buffer),
    })

  readonly initializer: Emitter['initializer'] = (value) => {
    const name = this.#fresh('constant')
    this.#initializers.push({ name, ...value })
    return name
  }

  finish(inputs: readonly OnnxPort[], results: readonly { value: Value; name: string }[]): OnnxGraph {
    const made = new Set(this.#nodes.flatMap(({ outputs }) => outputs))
    const renamed = new Map<string, string>()
    const copies: OnnxNode[] = []
    const outputs = results.map(({ value: { dtype, shape }, name }, position) => {
      const output = `out${position}`
      // an input, a constant, and what is already an output under another name are copied
      if (made.has(name) && !renamed.has(name)) renamed.set(name, output)
      else
        copies.push({ operator: 'Identity', domain: '', inputs: [name], outputs: [output], attributes: {} })
      return { name: output, dtype, shape }
    })
    const rename = (name: string) => renamed.get(name) ?? name
    const nodes = [...this.#nodes, ...copies].map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }))
    return { nodes, initializers: this.#initializers, inputs, outputs }
  }

  #emit(
    domain: OnnxNode['domain'],
    node: {
      operator: string
      inputs: readonly string[]
      attributes: Readonly<Record<string, OnnxAttribute>>
    },
    count = 1,
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.#fresh('t'))
    this.#nodes.push({ ...node, domain, outputs })
    return outputs
  }

  #sharedConstant(key: string, value: { dtype: OnnxType; shape: Shape; bytes: Uint8Array }): string {
    const known = this.#shared.get(key) ?? this.initializer(value)
    this.#shared.set(key, known)
    return known
  }

  #fresh(prefix: string): string {
    return `${prefix}${this.#count++}`
  }
}
