import {
  accumulate,
  type Compiled,
  discard,
  globalNorm,
  type Parameters,
  type ValueAndGradients,
} from '@attune/grad'
import type { Trainable } from './types.ts'

/** Loss, statistics and gradient of a batch whose micro-batches were differentiated one after another and added up. */
export interface BatchGradient {
  readonly loss: number
  readonly stats: Readonly<Record<string, number>>
  readonly gradients: Parameters
}

/** Adds up loss, scalar statistics and gradients of micro-batches; equals the full batch when all share its counts. */
export async function accumulatedGradient<Batch>(
  gradient: Compiled<[Parameters, Batch], ValueAndGradients>,
  parameters: Parameters,
  {
    microBatches,
    observe,
  }: { microBatches: readonly Batch[]; observe?: (aux: ValueAndGradients['aux']) => void },
): Promise<BatchGradient> {
  let loss = 0
  const stats: Record<string, number> = {}
  let gradients: Parameters | undefined
  for (const batch of microBatches) {
    const part = await gradient(parameters, batch)
    loss += part.value
    observe?.(part.aux)
    for (const [name, { data, shape }] of Object.entries(part.aux)) {
      if (shape.length === 0) stats[name] = (stats[name] ?? 0) + data[0]!
    }
    if (gradients) {
      accumulate(gradients, part.grads)
      discard(part.grads)
    } else gradients = part.grads
  }
  return { loss, stats, gradients: gradients! }
}

/** A step of the optimiser by a batch's gradient, which is used up. Throws a `NotFiniteError` before anything changes. */
export function descend(
  { parameters, optimizer }: Pick<Trainable, 'parameters' | 'optimizer'>,
  batch: BatchGradient,
  where: { step: number; rows: readonly number[] },
): ReturnType<Trainable['optimizer']['update']> {
  if (!Number.isFinite(batch.loss)) checkFinite(batch, where)
  try {
    return optimizer.update(parameters, batch.gradients)
  } catch (error) {
    checkFinite(batch, where) // says which rows, where that is the reason
    throw error
  } finally {
    discard(batch.gradients)
  }
}

/** A loss or gradient that is not a finite number; nothing was updated with it. */
export class NotFiniteError extends RangeError {
  override readonly name = 'NotFiniteError'
}

/** Throws a `NotFiniteError` that names the step and its rows when the loss or a gradient is not finite. */
export function checkFinite(
  { loss, gradients }: Pick<BatchGradient, 'loss' | 'gradients'>,
  { step, rows }: { step: number; rows: readonly number[] },
): void {
  const norm = globalNorm(gradients)
  if (Number.isFinite(loss) && Number.isFinite(norm)) return
  const what = Number.isFinite(loss)
    ? `the gradient's norm of step ${step + 1} is ${norm}`
    : `the loss of step ${step + 1} is ${loss}`
  const list = `${rows.slice(0, 8).join(', ')}${rows.length > 8 ? ', …' : ''}`
  throw new NotFiniteError(`${what} (rows ${list}): lower the learning rate, or look at these rows`)
}
