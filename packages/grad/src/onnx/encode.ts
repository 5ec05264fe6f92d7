import { PbfWriter } from 'pbf'
import type { OnnxAttribute, OnnxGraph, OnnxInitializer, OnnxNode, OnnxPort, OnnxType } from './model.ts'

/** Operator sets that the lowering rules target. */
const operatorSets = [
  { domain: '', version: 21 },
  { domain: 'com.microsoft', version: 1 },
] as const

/** `TensorProto.DataType` of onnx.proto. */
const elementType: Readonly<Record<OnnxType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 }

/** `AttributeProto.AttributeType` of onnx.proto. */
const attributeType = { float: 1, int: 2, string: 3, ints: 7 }

/** Wire type of length-delimited fields. */
const delimited = 2

/** A graph as the bytes of an ONNX `ModelProto`; field numbers are those of onnx.proto. */
export function encodeModel(graph: OnnxGraph): Uint8Array {
  const pbf = new PbfWriter()
  pbf.writeVarintField(1, 10) // ir_version
  pbf.writeStringField(2, 'attune') // producer_name
  pbf.writeMessage(7, writeGraph, graph)
  for (const set of operatorSets) pbf.writeMessage(8, writeOperatorSet, set)
  return joined([pbf.finish(), ...graph.initializers.flatMap(initializerParts)])
}

/**
 * A further occurrence of the field `graph` with one initializer: parsers merge occurrences, so that the weights,
 * most of the bytes, are copied once and as a whole.
 */
function initializerParts(tensor: OnnxInitializer): Uint8Array[] {
  const { bytes } = tensor
  const header = encoded((pbf) => {
    for (const dimension of tensor.shape) pbf.writeVarintField(1, dimension)
    pbf.writeVarintField(2, elementType[tensor.dtype])
    pbf.writeStringField(8, tensor.name)
    writeLength(pbf, 9, bytes.length)
  })
  const initializer = encoded((pbf) => writeLength(pbf, 5, header.length + bytes.length))
  const length = initializer.length + header.length + bytes.length
  return [encoded((pbf) => writeLength(pbf, 7, length)), initializer, header, bytes]
}

function writeLength(pbf: PbfWriter, field: number, length: number): void {
  pbf.writeVarint(field * 8 + delimited)
  pbf.writeVarint(length)
}

function encoded(write: (pbf: PbfWriter) => void): Uint8Array {
  const pbf = new PbfWriter()
  write(pbf)
  return pbf.finish()
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let position = 0
  for (const part of parts) {
    whole.set(part, position)
    position += part.length
  }
  return whole
}

function writeOperatorSet(set: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, set.domain)
  pbf.writeVarintField(2, set.version)
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node)
  pbf.writeStringField(2, 'program')
  for (const input of graph.inputs) pbf.writeMessage(11, writePort, input)
  for (const output of graph.outputs) pbf.writeMessage(12, writePort, output)
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input)
  for (const output of node.outputs) pbf.writeStringField(2, output)
  pbf.writeStringField(4, node.operator)
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, entry)
  if (node.domain !== '') pbf.writeStringField(7, node.domain)
}

function writeAttribute([name, value]: [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name)
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value)
    pbf.writeVarintField(20, attributeType.int)
  } else if (typeof value === 'string') {
    pbf.writeBytesField(4, new TextEncoder().encode(value))
    pbf.writeVarintField(20, attributeType.string)
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float)
    pbf.writeVarintField(20, attributeType.float)
  } else {
    for (const item of value) pbf.writeVarintField(8, item)
    pbf.writeVarintField(20, attributeType.ints)
  }
}

function writePort(port: OnnxPort, pbf: PbfWriter): void {
  pbf.writeStringField(1, port.name)
  pbf.writeMessage(2, writeType, port)
}

function writeType(port: OnnxPort, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, port)
}

function writeTensorType(port: OnnxPort, pbf: PbfWriter): void {
  pbf.writeVarintField(1, elementType[port.dtype])
  pbf.writeMessage(2, writeShape, port.shape)
}

function writeShape(shape: readonly number[], pbf: PbfWriter): void {
  for (const dimension of shape) pbf.writeMessage(1, writeDimension, dimension)
}

function writeDimension(dimension: number, pbf: PbfWriter): void {
  pbf.writeVarintField(1, dimension)
}
