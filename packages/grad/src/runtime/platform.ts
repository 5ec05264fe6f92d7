import { availableParallelism } from 'node:os'

export { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'

/** Name of the provider that computes on the processor. */
export const processorProvider = 'cpu'

/** How many threads the machine runs at one time. */
export const processors = availableParallelism
