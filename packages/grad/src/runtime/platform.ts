import { availableParallelism } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node'

/** Name of the provider that computes on the processor. */
export const processorProvider = 'cpu'

let collector: (() => void) | undefined

/** Frees what nothing refers to any more, now. */
export function collectGarbage(): void {
  if (!collector) {
    setFlagsFromString('--expose-gc')
    collector = runInNewContext('gc') as () => void
  }
  collector()
}

/** How many threads the machine runs at one time. */
export const processors = availableParallelism
