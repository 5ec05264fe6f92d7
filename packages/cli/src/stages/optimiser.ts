import { adamw, constantRate, cosineRate, linearRate, type Optimizer, withWarmup } from '@attune/grad'
import type { OptimiserFields } from '../recipe/fields.ts'

/** AdamW as a recipe describes it; `updates` is how many the schedule spans. */
export function recipeOptimizer(fields: OptimiserFields, updates: number): Optimizer {
  const { learning_rate: from, final_learning_rate: to, warmup_steps: warmup } = fields
  const steps = Math.max(updates - warmup, 1)
  const after =
    fields.schedule === 'constant'
      ? constantRate(from)
      : fields.schedule === 'linear'
        ? linearRate({ from, to, steps })
        : cosineRate({ from, to, steps })
  return adamw({
    learningRate: warmup > 0 ? withWarmup(warmup, after) : after,
    beta1: fields.adam_beta1,
    beta2: fields.adam_beta2,
    epsilon: fields.adam_epsilon,
    weightDecay: fields.weight_decay,
    maxGradientNorm: fields.max_grad_norm,
  })
}
