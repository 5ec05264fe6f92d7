import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { loadModel } from '../src/checkpoint/model.ts'
import { generator } from '../src/generate/generate.ts'

const folder = '../shared/data/stories260K'
const present = existsSync(folder)
if (!present) console.warn(`skipped: ${folder} is not there`)

test.skipIf(!present)(
  'stories260K, a real Llama checkpoint, tells the story that llama2.c tells',
  async () => {
    const { architecture, parameters, tokenizer } = await loadModel(folder)
    const prompt = tokenizer.encode('Once upon a time', { addSpecialTokens: true })
    expect(prompt[0]).toBe(tokenizer.beginOfText)
    const sampler = generator(architecture, parameters)
    const [story] = await sampler.generate([prompt], { maxNewTokens: 100, temperature: 0 })
    expect(tokenizer.decode([...prompt, ...story!.tokens])).toMatch(
      /^Once upon a time, there was a little girl named Lily\. She loved to play outside in the park\. One day, she saw a big, red ball\. She wanted to play with it, but it was too high\./,
    )
  },
)

const golden = 'packages/lm/fixtures/stories260k.json'

test.skipIf(!present || !existsSync(golden))('its tokenizer gives the ids of transformers', async () => {
  const { tokenizer } = await loadModel(folder)
  const { prompts } = JSON.parse(readFileSync(golden, 'utf8')) as {
    prompts: { text: string; ids: number[] }[]
  }
  for (const { text, ids } of prompts) expect(tokenizer.encode(text, { addSpecialTokens: true })).toEqual(ids)
})
