export { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-web/webgpu'

/** Name of the provider that computes on the processor. */
export const processorProvider = 'wasm'

/** A browser lets nobody ask for it. */
export function collectGarbage(): void {}

/** How many threads the machine runs at one time. */
export function processors(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } }
  return navigator?.hardwareConcurrency ?? 1
}
