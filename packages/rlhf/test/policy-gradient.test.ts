import { readFileSync } from 'node:fs'
import { ndarray, valueAndGrad } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import {
  cispo,
  clipped,
  constantLength,
  correctedK3Penalty,
  type PolicyGradient,
  policyGradient,
  reinforce,
  sequenceMean,
  sequenceRatio,
  sequenceSum,
  softGate,
  tokenMean,
  tokenRatio,
  wholeSequenceRatio,
} from '../src/index.ts'

interface StoredArray {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

const golden = JSON.parse(readFileSync('packages/rlhf/fixtures/policy-gradients.json', 'utf8')) as Record<
  'logp' | 'oldLogp' | 'referenceLogp' | 'advantage' | 'mask',
  StoredArray
> & { cases: readonly { name: string; loss: number; gradient: StoredArray }[] }

const grpo: PolicyGradient = {
  surrogate: clipped(),
  ratio: tokenRatio,
  aggregation: sequenceMean,
  klCoefficient: 0,
}

const algorithms: Readonly<Record<string, PolicyGradient>> = {
  grpo,
  'grpo with kl': { ...grpo, klCoefficient: 0.1 },
  'grpo with corrected kl': { ...grpo, klCoefficient: 0.1, klPenalty: correctedK3Penalty },
  dr_grpo: { ...grpo, aggregation: constantLength(16) },
  dapo: { ...grpo, surrogate: clipped({ low: 0.2, high: 0.28 }), aggregation: tokenMean },
  'two-sided clip': { ...grpo, surrogate: clipped({ delta: 1.1 }), aggregation: tokenMean },
  gspo: { ...grpo, surrogate: clipped({ low: 0.05, high: 0.08 }), ratio: sequenceRatio },
  cispo: { ...grpo, surrogate: cispo({ cap: 1.2 }), aggregation: tokenMean },
  sapo: { ...grpo, surrogate: softGate() },
  rloo: { ...grpo, surrogate: clipped({ low: 0.4 }), ratio: wholeSequenceRatio },
}

/** Loss, statistics and gradient of an algorithm on the golden inputs, or on some of their rows. */
async function evaluate(algorithm: PolicyGradient, rows = [0, 1, 2, 3, 4, 5], onPolicy = false) {
  const pick = ({ shape, data }: StoredArray) => {
    const width = shape[1] ?? 1
    const picked = rows.flatMap((row) => data.slice(row * width, (row + 1) * width))
    return ndarray(picked, shape.length === 1 ? [rows.length] : [rows.length, width])
  }
  const { cases: _, ...arrays } = golden
  const { logp, oldLogp, referenceLogp, advantage, mask } = Object.fromEntries(
    Object.entries(arrays)
      .filter(([, array]) => typeof array === 'object' && 'shape' in array)
      .map(([name, array]) => [name, pick(array)]),
  )
  const counts = { sequences: 6, tokens: golden.mask.data.reduce((a, b) => a + b, 0) }
  const program = valueAndGrad<[object]>((weights, inputs) => {
    const batch = inputs as never as Record<string, (typeof weights)[string]>
    return policyGradient(algorithm, {
      logp: weights.logp!,
      oldLogp: onPolicy ? weights.logp!.stopGradient() : batch.oldLogp!,
      referenceLogp: algorithm.klCoefficient > 0 ? batch.referenceLogp! : undefined,
      advantage: batch.advantage!.expandDims(1).broadcastTo(batch.mask!.shape),
      mask: batch.mask!,
      sequences: batch.sequences!,
      tokens: batch.tokens!,
    })
  })
  const { value, grads, aux } = await program({ logp: logp as never }, {
    oldLogp,
    referenceLogp,
    advantage,
    mask,
    ...counts,
  } as never)
  await program.dispose()
  return { loss: value, gradient: [...grads.logp!.data], stats: aux }
}

test.each(golden.cases.map((one) => [one.name, one] as const))(
  '%s: loss and gradient are TRL’s own',
  async (name, { loss, gradient }) => {
    const ours = await evaluate(algorithms[name]!)
    expect(Math.abs(ours.loss - loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(loss)))
    const largest = Math.max(...gradient.data.map(Math.abs))
    const difference = Math.max(...gradient.data.map((x, i) => Math.abs(x - ours.gradient[i]!)))
    expect(difference / largest).toBeLessThan(1e-5)
  },
)

describe('invariants', () => {
  test.each(Object.keys(algorithms))('%s: micro-batches add up to the whole batch', async (name) => {
    const whole = await evaluate(algorithms[name]!)
    const parts = [await evaluate(algorithms[name]!, [0, 1]), await evaluate(algorithms[name]!, [2, 3, 4, 5])]
    expect(parts[0]!.loss + parts[1]!.loss).toBeCloseTo(whole.loss, 5)
    const gradient = parts.flatMap((part) => part.gradient)
    gradient.forEach((x, i) => {
      expect(x).toBeCloseTo(whole.gradient[i]!, 6)
    })
  })

  test('on the policy that sampled, the clipped surrogate has the gradient of REINFORCE', async () => {
    for (const aggregation of [sequenceMean, tokenMean, sequenceSum, constantLength(10)]) {
      const once = await evaluate({ ...grpo, aggregation }, undefined, true)
      const plain = await evaluate({ ...grpo, aggregation, surrogate: reinforce }, undefined, true)
      once.gradient.forEach((x, i) => {
        expect(x).toBeCloseTo(plain.gradient[i]!, 6)
      })
      expect(once.stats['clip_ratio/region_mean']!.data[0]).toBe(0)
    }
  })

  test('equal lengths make the mean over tokens that over sequences', async () => {
    const rows = [0, 4]
    const [bySequence, byToken] = [
      await evaluate(grpo, rows),
      await evaluate({ ...grpo, aggregation: tokenMean }, rows),
    ]
    const tokens = golden.mask.data.reduce((a, b) => a + b, 0)
    expect(bySequence.loss * 6).toBeCloseTo((byToken.loss * tokens) / 7, 5)
  })
})

test('masked tokens have no gradient', async () => {
  const { gradient } = await evaluate(algorithms.gspo!)
  golden.mask.data.forEach((real, i) => {
    if (real === 0) expect(gradient[i]).toBe(0)
  })
})
