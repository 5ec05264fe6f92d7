import { processors } from '#platform'

/** Where programs run: the processor with a number of threads, or a GPU through WebGPU. */
export type Device = { readonly kind: 'cpu'; readonly threads: number } | { readonly kind: 'webgpu' }

/** The processor; `threads` counts ONNX Runtime's workers (the same count gives the same bits; a browser decides itself). */
export function cpu({ threads = processors() }: { threads?: number } = {}): Device {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`threads is ${threads}, expected 1 or more`)
  return { kind: 'cpu', threads }
}

/** A GPU through ONNX Runtime's WebGPU provider, of onnxruntime-node or, in a browser, of onnxruntime-web. */
export function webgpu(): Device {
  return { kind: 'webgpu' }
}
