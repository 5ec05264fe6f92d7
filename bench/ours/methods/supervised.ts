import { sft } from '@attune/rlhf'
import { sizes } from '../../methods.ts'
import { device, reportSteps, row, trainable } from './model.ts'

const { rows, tokens } = sizes.supervised
const data = Array.from({ length: rows * sizes.steps }, (_, i) => {
  const [first, ...completion] = row(i, tokens) as [number, ...number[]]
  return { prompt: [first], completion }
})
await reportSteps(sft(trainable(), data, { batchSize: rows, steps: sizes.steps, seed: 0, device }))
