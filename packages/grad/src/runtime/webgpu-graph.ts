import type { OnnxGraph, OnnxInitializer, OnnxNode } from '../onnx/model.ts'
import { int64Bytes } from '../rules/lower.ts'

/** The graph without the operators that the WebGPU provider of ONNX Runtime 1.30 gets wrong, each expressed by others. */
export function webgpuGraph(graph: OnnxGraph): OnnxGraph {
  const used = new Set([
    ...graph.nodes.flatMap(({ inputs }) => inputs),
    ...graph.outputs.map(({ name }) => name),
  ])
  const constants: OnnxInitializer[] = []
  const nodes = graph.nodes.flatMap((node) => {
    if (node.operator === 'Pow') return broadcastPower(node)
    const [result, inverse] = node.outputs
    if (node.operator !== 'SimplifiedLayerNormalization' || inverse === undefined) return [node]
    const normalised = { ...node, outputs: [result!] }
    return used.has(inverse) ? [normalised, ...inverseDeviation(node, constants)] : [normalised]
  })
  return { ...graph, nodes, initializers: [...graph.initializers, ...constants] }
}

/** 1/√(mean x² + ε): the provider's own second output is the mean of x. */
function inverseDeviation(
  { inputs, outputs, attributes }: OnnxNode,
  constants: OnnxInitializer[],
): OnnxNode[] {
  const [x] = inputs
  const inverse = outputs[1]!
  const part = (name: string) => `${inverse}/${name}`
  const { float: epsilon } = attributes.epsilon as { float: number }
  constants.push(
    { name: part('axis'), dtype: 'int64', shape: [1], bytes: int64Bytes([-1]) },
    {
      name: part('epsilon'),
      dtype: 'float32',
      shape: [],
      bytes: new Uint8Array(Float32Array.of(epsilon).buffer),
    },
  )
  return [
    operator('Mul', [x!, x!], part('square')),
    operator('ReduceMean', [part('square'), part('axis')], part('mean')),
    operator('Add', [part('mean'), part('epsilon')], part('variance')),
    operator('Sqrt', [part('variance')], part('deviation')),
    operator('Reciprocal', [part('deviation')], inverse),
  ]
}

/** Both operands in the result's shape: the provider fails when only one has a last axis of 4, 8, … */
function broadcastPower(node: OnnxNode): OnnxNode[] {
  const [base, exponent] = node.inputs as [string, string]
  const part = (name: string) => `${node.outputs[0]}/${name}`
  return [
    operator('Shape', [base], part('base shape')),
    operator('Shape', [exponent], part('exponent shape')),
    operator('Expand', [base, part('exponent shape')], part('base')),
    operator('Expand', [exponent, part('base shape')], part('exponent')),
    { ...node, inputs: [part('base'), part('exponent')] },
  ]
}

function operator(name: string, inputs: readonly string[], output: string): OnnxNode {
  return { operator: name, domain: '', inputs, outputs: [output], attributes: {} }
}
