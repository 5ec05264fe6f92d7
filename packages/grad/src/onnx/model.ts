import type { NdArray, Shape } from '../ndarray.ts'

/** An attribute of an ONNX operator. */
export type OnnxAttribute = number | { readonly float: number } | string | readonly number[]

/** One operator of an ONNX graph. */
export interface OnnxNode {
  readonly operator: string
  readonly domain: '' | 'com.microsoft'
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxAttribute>>
}

/** Element types that occur in ONNX graphs; int64 only for shapes, axes and positions. */
export type OnnxType = NdArray['dtype'] | 'int64'

/** A constant tensor of an ONNX graph. */
export interface OnnxInitializer {
  readonly name: string
  readonly dtype: OnnxType
  readonly shape: Shape
  readonly bytes: Uint8Array
}

/** Name, type and shape of a graph's input or output. */
export interface OnnxPort {
  readonly name: string
  readonly dtype: OnnxType
  readonly shape: Shape
  /** What an input reads when it is not given: the array itself, never a copy. */
  readonly held?: NdArray
}

/** An ONNX graph as plain data. */
export interface OnnxGraph {
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxInitializer[]
  readonly inputs: readonly OnnxPort[]
  readonly outputs: readonly OnnxPort[]
}
