import { apply, type Value } from '../graph/node.ts'
import { customGradient } from '../ops/custom-gradient.ts'
import { add, mul } from '../ops/elementwise.ts'
import { gather } from '../ops/indexing.ts'
import { matmul } from '../ops/linear.ts'
import { logsumexp, softmax, sum } from '../ops/reduce.ts'
import { concat, expandDims, slice } from '../ops/shape.ts'
import { Tensor } from '../tensor.ts'

/** Options of `linearLogProbs`. */
export interface LinearLogProbsOptions {
  /** Logits are divided by this before the softmax; default 1. */
  readonly temperature?: number
  /** Rows whose logits exist at one time; without it all logits are kept for the reverse pass. */
  readonly chunk?: number
}

/**
 * log softmax(h·Wᵀ/τ)[target] of every row, without a gradient array of the logits' size beyond the softmax itself.
 * hidden [N, d], weight [V, d], targets int32 [N] → [N].
 */
export function linearLogProbs(
  hidden: Tensor,
  weight: Tensor,
  { targets, temperature = 1, chunk }: LinearLogProbsOptions & { readonly targets: Tensor },
): Tensor {
  const chosen = mul(
    sum(mul(hidden.value, gather(weight.value, targets.value)), { axes: -1 }),
    1 / temperature,
  )
  const normaliser = linearLogSumExp([hidden.value, weight.value], { alpha: 1 / temperature, chunk })
  return new Tensor(chosen).sub(new Tensor(normaliser))
}

/** Entropy of softmax(h·Wᵀ/τ) of every row: H = log Z − Σ p·logit. hidden [N, d], weight [V, d] → [N]. */
export function linearEntropy(
  hidden: Tensor,
  weight: Tensor,
  { temperature = 1 }: { temperature?: number } = {},
): Tensor {
  const logits = hidden.matmul(weight, { transposeB: true, alpha: 1 / temperature })
  return logits.logsumexp(-1).sub(logits.softmax(-1).mul(logits).sum({ axes: -1 }))
}

/** log Σ_v exp(α·h·W_v): its derivative is α·P·W by h and α·Pᵀ·h by W, with P the softmax. */
function linearLogSumExp(
  [hidden, weight]: readonly [Value, Value],
  { alpha, chunk }: { alpha: number; chunk: number | undefined },
): Value {
  const rows = hidden.shape[0]!
  const size = chunk ?? rows
  const starts = Array.from({ length: Math.ceil(rows / size) }, (_, i) => i * size)
  const part = (x: Value, start: number) => slice(x, 0, [start, Math.min(start + size, rows)])
  const logitsOf = (h: Value) => matmul(h, weight, { transposeB: true, alpha })
  const logits = starts.map((start) => logitsOf(part(hidden, start)))
  const result = concat(
    logits.map((block) => logsumexp(block)),
    0,
  )

  return customGradient(result, [hidden, weight], (g) => {
    const blocks = starts.map((start, i) => {
      const h = part(hidden, start)
      const kept = chunk === undefined ? logits[i]! : logitsOf(apply('barrier', [h, g], {}))
      const probability = softmax(kept)
      const scaled = expandDims(part(g, start), -1)
      return {
        hidden: mul(matmul(probability, weight, { alpha }), scaled),
        weight: matmul(probability, mul(h, scaled), { transposeA: true, alpha }),
      }
    })
    return [
      concat(
        blocks.map((block) => block.hidden),
        0,
      ),
      blocks.map((block) => block.weight).reduce(add),
    ]
  })
}
