import { readFileSync } from 'node:fs'
import { constant, intArray, type NdArray, ndarray, type Tensor, valueAndGrad } from '@attune/grad'
import { expect, test } from 'vitest'
import {
  alphaDivergence,
  alphaPo,
  aot,
  aotUnpaired,
  apoDown,
  apoZero,
  apoZeroUnpaired,
  bco,
  bcoPair,
  cpo,
  discoPop,
  dpo,
  exo,
  exploratory,
  forwardKl,
  hinge,
  ipo,
  jensenShannon,
  kto,
  lengthDesensitised,
  lengthNormalisedDpo,
  nashMirrorDescent,
  nca,
  onPolicyWeight,
  orpo,
  type PairLoss,
  robustDpo,
  runningRewardMean,
  type ScoredCompletions,
  type Sequence,
  simPo,
  sppoHard,
  sumOfLosses,
  type UnpairedLoss,
} from '../src/index.ts'

interface StoredArray {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

type ArrayName =
  | 'targets'
  | 'mask'
  | 'logits'
  | 'referenceLogits'
  | 'desirable'
  | 'chosenFirst'
  | 'probability'

const golden = JSON.parse(readFileSync('packages/rlhf/fixtures/preferences.json', 'utf8')) as Record<
  ArrayName,
  StoredArray
> & {
  readonly beta: number
  readonly smoothing: number
  readonly klPoint: number
  readonly running: { readonly mean: number; readonly count: number }
  readonly delta: number
  readonly cases: readonly {
    readonly name: string
    readonly loss: number
    readonly gradient: StoredArray
  }[]
}

/** What a loss reads of the golden batch: rows of pairs, first the chosen, then the rejected. */
interface Batch {
  readonly logits: Tensor
  readonly logp: Tensor
  readonly referenceLogp: Tensor
  readonly mask: Tensor
  readonly scored: ScoredCompletions
  readonly given: Readonly<Record<ArrayName, Tensor>>
}

const { beta, smoothing: flip } = golden
const pairLosses: Readonly<Record<string, PairLoss>> = {
  sigmoid: dpo({ beta }),
  sigmoid_norm: lengthNormalisedDpo({ beta }),
  hinge: hinge({ beta }),
  ipo: ipo({ tau: beta }),
  nca_pair: nca({ beta }),
  bco_pair: bcoPair({ beta }),
  sppo_hard: sppoHard({ beta }),
  aot: aot({ beta }),
  aot_unpaired: aotUnpaired({ beta }),
  'aot smoothed': aot({ beta, flip }),
  'aot_unpaired smoothed': aotUnpaired({ beta, flip }),
  apo_zero: apoZero({ beta }),
  apo_down: apoDown({ beta }),
  discopop: discoPop({ beta }),
  forward_kl: dpo({ beta, divergence: forwardKl }),
  js_divergence: dpo({ beta, divergence: jensenShannon }),
  alpha_divergence: dpo({ beta, divergence: alphaDivergence(0.5) }),
  robust: robustDpo({ beta, flip }),
  exo_pair: exo({ beta, flip }),
  mpo: sumOfLosses([
    { loss: dpo({ beta }), weight: 0.8 },
    { loss: bcoPair({ beta }), weight: 0.2 },
  ]),
  cpo: cpo({ beta }),
  'cpo smoothed': cpo({ beta, flip }),
  simpo: simPo({ beta, gamma: 0.5 }),
  alphapo: alphaPo({ beta, gamma: 0.5, alpha: 0.25 }),
  orpo: orpo({ beta }),
}

const half = (x: Tensor, side: 0 | 1): Tensor => x.slice(0, 4 * side, 4 * side + 4)
const side = (scored: ScoredCompletions, i: 0 | 1): ScoredCompletions => ({
  logp: half(scored.logp, i),
  reference: half(scored.reference, i),
  length: half(scored.length, i),
})

const onPairs =
  (loss: PairLoss) =>
  ({ scored }: Batch) =>
    loss(side(scored, 0), side(scored, 1)).mean()

/** WPO: the loss of each pair times the weights of both completions. */
const weighedByPolicy =
  (loss: PairLoss) =>
  ({ scored, logits, logp, mask }: Batch) => {
    const collision = logits.mul(2).logsumexp(-1).sub(logits.logsumexp(-1).mul(2))
    const weight = onPolicyWeight({ logp, collision, mask })
    return loss(side(scored, 0), side(scored, 1)).mul(half(weight, 0)).mul(half(weight, 1)).mean()
  }

/** LD-DPO with the token weights that the trainer would give. */
const desensitised = ({ logp, referenceLogp, scored }: Batch): Tensor => {
  const [rows, time] = golden.mask.shape as [number, number]
  const lengths = Array.from({ length: rows }, (_, row) =>
    golden.mask.data.slice(row * time, (row + 1) * time).reduce((a, b) => a + b, 0),
  )
  const sequence = (length: number): Sequence => ({ prompt: [0], completion: Array(length).fill(0) })
  const weights = new Float32Array(rows * time)
  for (let pair = 0; pair < rows / 2; pair++) {
    const both = lengthDesensitised(0.4)([sequence(lengths[pair]!), sequence(lengths[pair + rows / 2]!)])
    for (const [i, { tokenWeights }] of both.entries())
      weights.set(tokenWeights!, (pair + (i * rows) / 2) * time)
  }
  const mask = constant(ndarray(weights, [rows, time]))
  const sums = {
    logp: logp.mul(mask).sum({ axes: 1 }),
    reference: referenceLogp.mul(mask).sum({ axes: 1 }),
    length: scored.length,
  }
  return dpo({ beta })(side(sums, 0), side(sums, 1)).mean()
}

const onThumbs =
  (loss: UnpairedLoss, { point = 0, undesirable = 1 }) =>
  ({ scored: { logp, reference }, given: { desirable } }: Batch) => {
    const weight = desirable
      .mul(1 - undesirable)
      .add(undesirable)
      .div(8)
    return loss({ logp, reference, desirable, weight }, desirable.sum().mul(0).add(point)).loss
  }

const objectives: Readonly<Record<string, (batch: Batch) => Tensor>> = {
  ...Object.fromEntries(Object.entries(pairLosses).map(([name, loss]) => [name, onPairs(loss)])),
  wpo: weighedByPolicy(dpo({ beta })),
  'wpo ipo': weighedByPolicy(ipo({ tau: beta })),
  ld: desensitised,
  kto: onThumbs(kto({ beta }), { point: golden.klPoint, undesirable: 1.3 }),
  apo_zero_unpaired: onThumbs(apoZeroUnpaired({ beta }), { undesirable: 1.3 }),
  bco: onThumbs(bco({ beta }), { point: golden.delta }),
  xpo: ({ scored, given }) =>
    exploratory(
      {
        own: side(scored, 0),
        sampled: side(scored, 1),
        ownWins: given.chosenFirst,
        weight: given.chosenFirst.mul(0).add(0.25),
      },
      { loss: dpo({ beta }), alpha: 0.05, beta },
    ).loss,
  nash_md: ({ logp, referenceLogp, mask, given }) =>
    nashMirrorDescent(
      {
        logp: half(logp, 0),
        referenceLogp: half(referenceLogp, 0),
        mask: half(mask, 0),
        probability: given.probability,
        sequences: given.probability.mul(0).add(1).sum(),
      },
      { beta },
    ).loss,
}

const arrays = Object.fromEntries(
  Object.entries(golden)
    .filter((entry): entry is [ArrayName, StoredArray] => typeof entry[1] === 'object' && 'shape' in entry[1])
    .map(([name, { shape, data }]) => [
      name,
      name === 'targets' ? intArray([...data], shape) : ndarray([...data], shape),
    ]),
) as Record<ArrayName, NdArray>

test.each(golden.cases.map((one) => [one.name, one] as const))(
  '%s: loss and gradient by the logits are TRL’s own',
  async (name, { loss, gradient }) => {
    const { logits, ...fixed } = arrays
    const logpOf = (x: Tensor, targets: Tensor) =>
      x.logSoftmax(-1).takeAlongAxis(targets.expandDims(2), 2).squeeze(2)
    const program = valueAndGrad<[typeof fixed]>((parameters, given) => {
      const x = parameters.logits!
      const { targets, mask, referenceLogits } = given
      const [logp, referenceLogp] = [logpOf(x, targets), logpOf(referenceLogits, targets)]
      const scored = {
        logp: logp.mul(mask).sum({ axes: 1 }),
        reference: referenceLogp.mul(mask).sum({ axes: 1 }),
        length: mask.sum({ axes: 1 }),
      }
      return objectives[name]!({
        logits: x,
        logp,
        referenceLogp,
        mask,
        scored,
        given: { ...given, logits: x },
      })
    })
    const result = await program({ logits: logits as never }, fixed)
    await program.dispose()
    expect(Math.abs(result.value - loss)).toBeLessThan(1e-5 * Math.max(1, Math.abs(loss)))
    const largest = Math.max(...gradient.data.map(Math.abs))
    const difference = Math.max(...gradient.data.map((x, i) => Math.abs(x - result.grads.logits!.data[i]!)))
    expect(difference / largest).toBeLessThan(1e-5)
  },
)

test('every loss with a golden number has one', () => {
  expect(Object.keys(objectives).sort()).toEqual(golden.cases.map(({ name }) => name).sort())
})

test('BCO’s running mean is TRL’s', async () => {
  const rows: Sequence[] = Array.from({ length: 8 }, () => ({ prompt: [0], completion: [0] }))
  const sums = (logits: StoredArray) => {
    const [, time, vocabulary] = logits.shape as [number, number, number]
    return rows.map((_, row) =>
      Array.from({ length: time }, (_, t) => {
        const at = (row * time + t) * vocabulary
        const scores = logits.data.slice(at, at + vocabulary)
        const logp =
          scores[golden.targets.data[row * time + t]!]! -
          Math.log(scores.reduce((sum, x) => sum + Math.exp(x), 0))
        return golden.mask.data[row * time + t]! * logp
      }).reduce((a, b) => a + b, 0),
    )
  }
  const point = runningRewardMean(beta)
  const { mean, count } = golden.running
  point.restore({ total: mean * count, count })
  const scores = {
    policy: async () => sums(golden.logits),
    reference: async () => sums(golden.referenceLogits),
    maxLength: 64,
  }
  expect(await point.of(rows, scores)).toBeCloseTo(golden.delta, 6)
})
