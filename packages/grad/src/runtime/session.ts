import { InferenceSession, OrtTensor, processorProvider } from '#platform'
import type { NdArray } from '../ndarray.ts'
import { encodeModel } from '../onnx/encode.ts'
import type { OnnxGraph } from '../onnx/model.ts'
import type { Device } from './device.ts'
import { webgpuGraph } from './webgpu-graph.ts'

/** A compiled program: inputs by name, outputs in the graph's order. */
export interface Executable {
  readonly run: (inputs: ReadonlyMap<string, NdArray>) => Promise<NdArray[]>
  readonly dispose: () => Promise<void>
}

/** Compiles an ONNX graph for a device. */
export async function compile(graph: OnnxGraph, device: Device): Promise<Executable> {
  const session = await InferenceSession.create(
    encodeModel(device.kind === 'webgpu' ? webgpuGraph(graph) : graph),
    sessionOptions(device),
  )
  return {
    run: async (inputs) => {
      const feeds: Record<string, OrtTensor> = {}
      for (const { name, held } of graph.inputs) feeds[name] = toOrt(held ?? inputs.get(name)!)
      const results = await session.run(feeds)
      return graph.outputs.map(({ name, shape }) => fromOrt(results[name]!, shape))
    },
    dispose: () => session.release(),
  }
}

function sessionOptions(device: Device): InferenceSession.SessionOptions {
  const common = { graphOptimizationLevel: 'all', logSeverityLevel: 3 } as const
  if (device.kind === 'webgpu') return { ...common, executionProviders: ['webgpu'] }
  return {
    ...common,
    executionProviders: [processorProvider],
    // plans a block of the largest moment, beside the arena that the first run left: half as much again
    enableMemPattern: false,
    intraOpNumThreads: device.threads,
    interOpNumThreads: 1,
  }
}

function toOrt(array: NdArray): OrtTensor {
  return new OrtTensor(array.dtype, array.data, array.shape)
}

function fromOrt(tensor: OrtTensor, shape: NdArray['shape']): NdArray {
  return { dtype: tensor.type as NdArray['dtype'], shape, data: tensor.data as NdArray['data'] }
}
