import { generator } from '@attune/lm'
import { sizes } from '../../methods.ts'
import { reportTimed } from '../report.ts'
import { base, device, row } from './model.ts'

/** Greedy decoding of a batch. */
export async function measureGeneration(batch: number): Promise<void> {
  const { prompt, newTokens } = sizes.generation
  const prompts = Array.from({ length: batch }, (_, i) => row(i, prompt))
  const { generate } = generator(base.architecture, base.parameters, { device })
  await reportTimed(2, async () => {
    const completions = await generate(prompts, { maxNewTokens: newTokens, temperature: 0 })
    if (completions.some(({ tokens }) => tokens.length !== newTokens))
      throw new Error('a completion is short')
  })
}
