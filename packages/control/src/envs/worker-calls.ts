import type { EnvironmentOptions } from './make.ts'
import type { VectorState, VectorStep } from './vector.ts'

/** What a worker is to make: environments of one kind. */
export interface WorkerTask {
  readonly id: string
  readonly options: EnvironmentOptions
  readonly count: number
}

/** What a worker can be asked, and what it answers. */
export interface WorkerCalls {
  reset: { readonly argument: number | undefined; readonly answer: Float32Array }
  step: { readonly argument: Float32Array; readonly answer: VectorStep }
  state: { readonly argument: undefined; readonly answer: VectorState }
  restore: { readonly argument: VectorState; readonly answer: Float32Array }
  close: { readonly argument: undefined; readonly answer: undefined }
}

/** A question to a worker, with a number that its answer bears too. */
export interface WorkerRequest {
  readonly number: number
  readonly call: keyof WorkerCalls
  readonly argument: WorkerCalls[keyof WorkerCalls]['argument']
}

/** Its answer, or what went wrong. */
export type WorkerAnswer = { readonly number: number } & (
  | { readonly answer: unknown }
  | { readonly error: Error }
)
