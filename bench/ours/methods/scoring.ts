import { modelReward } from '@attune/rlhf'
import { sizes } from '../../methods.ts'
import { reportTimed } from '../report.ts'
import { device, row, scorer } from './model.ts'

const { rows, tokens } = sizes.scoring
const samples = Array.from({ length: rows }, (_, i) => {
  const ids = row(i, tokens)
  return { prompt: ids.slice(0, 1), completion: ids.slice(1) }
})
const score = modelReward(scorer(), { device })
await reportTimed(3, async () => {
  await score(samples)
})
