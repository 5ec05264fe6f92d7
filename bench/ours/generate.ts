import { cpu } from '@attune/grad'
import { generator } from '@attune/lm'
import { config, decoding, threads } from '../workload.ts'
import { benchModel } from './model.ts'
import { median, report, timed } from './report.ts'

const { architecture, parameters } = benchModel()
const { batch, prompt, newTokens } = decoding
const prompts = Array.from({ length: batch }, (_, row) =>
  Array.from({ length: prompt }, (_, i) => (37 * row + 11 * i) % config.vocab_size),
)
const { generate } = generator(architecture, parameters, { device: cpu({ threads }) })
const seconds = await timed(3, async () => {
  const completions = await generate(prompts, { maxNewTokens: newTokens, temperature: 0 })
  if (completions.some(({ tokens }) => tokens.length !== newTokens)) throw new Error('a completion is short')
})
report({ seconds: median(seconds) })
