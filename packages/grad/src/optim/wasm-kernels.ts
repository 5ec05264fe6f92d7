import { type Kernels, laneLength, updateLane } from './kernels.ts'
import { kernelBytes } from './wasm-bytes.ts'

/** Floats between the starts of two lanes; not a multiple of 4 KiB, which would make loads wait for stores. */
const laneStride = laneLength + 80
const floatBytes = Float32Array.BYTES_PER_ELEMENT
const pageBytes = 65_536

/** What kernels.wat exports; pointers are byte offsets, `end` is past the stretch's last vector. */
interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer; readonly grow: (pages: number) => number }
  readonly scale: (update: number, end: number, factor: number) => void
  readonly addScaled: (to: number, end: number, from: number, rate: number) => void
  readonly adam: (update: number, end: number, ...rest: readonly number[]) => void
  readonly momentum: (update: number, end: number, ...rest: readonly number[]) => void
}

/** The loops in WebAssembly, four elements at a time: 2.6 ns an element of AdamW, copies included, against 5.3. */
export function wasmKernels(laneCount: number): Kernels {
  const kernels = instance()
  const missing = Math.ceil((laneCount * laneStride * floatBytes) / pageBytes) - 1
  if (missing > 0) kernels.memory.grow(missing)
  const start = (lane: number) => lane * laneStride * floatBytes
  const lanes = Array.from(
    { length: laneCount },
    (_, lane) => new Float32Array(kernels.memory.buffer, start(lane), laneLength),
  )
  // elements beyond `count` in the last vector are computed and ignored
  const end = (lane: number, count: number) => start(lane) + Math.ceil(count / 4) * 4 * floatBytes
  const update = start(updateLane)
  return {
    lanes,
    scale: (count, factor) => kernels.scale(update, end(updateLane, count), factor),
    addScaled: (count, { to, from, rate }) => kernels.addScaled(start(to), end(to, count), start(from), rate),
    adam: (count, step) =>
      kernels.adam(
        update,
        end(updateLane, count),
        start(step.first),
        start(step.second),
        step.beta1,
        1 - step.beta1,
        step.beta2,
        1 - step.beta2,
        step.firstCorrection,
        step.secondCorrection,
        step.epsilon,
      ),
    momentum: (count, step) =>
      kernels.momentum(
        update,
        end(updateLane, count),
        start(step.velocity),
        step.momentum,
        step.ahead,
        step.keep,
      ),
  }
}

/** The part of the WebAssembly interface used here; Node's types leave it out. */
interface WebAssemblyHost {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

let compiled: object | undefined

function instance(): KernelExports {
  const { Module, Instance } = (globalThis as unknown as { WebAssembly: WebAssemblyHost }).WebAssembly
  compiled ??= new Module(Uint8Array.from(atob(kernelBytes), (byte) => byte.charCodeAt(0)))
  return new Instance(compiled).exports as KernelExports
}
