import { adamw, cpu, intArray, ndarray, randomKey, valueAndGrad } from '@attune/grad'
import { crossEntropy, type SequenceBatch, tokenLogProbs } from '@attune/rlhf'
import { config, threads, training } from '../workload.ts'
import { benchModel } from './model.ts'
import { median, report, timed } from './report.ts'

const { architecture, parameters } = benchModel()
const { batch, time } = training
const random = randomKey(1)
const tokens = () =>
  intArray(
    Int32Array.from({ length: batch * time }, () => random.int(config.vocab_size)),
    [batch, time],
  )
const inputs: SequenceBatch = {
  tokens: tokens(),
  targets: tokens(),
  mask: ndarray(new Float32Array(batch * time).fill(1), [batch, time]),
}
const gradient = valueAndGrad<[SequenceBatch & { count: number }]>(
  (weights, { mask, count, ...rows }) =>
    crossEntropy({ ...tokenLogProbs(architecture, weights, rows), mask, count }),
  { device: cpu({ threads }) },
)
const optimizer = adamw({ learningRate: 1e-4, maxGradientNorm: 1 })
const seconds = await timed(7, async () => {
  const { grads } = await gradient(parameters, { ...inputs, count: batch * time })
  optimizer.update(parameters, grads)
})
report({ seconds: median(seconds) })
