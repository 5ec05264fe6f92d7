import { existsSync } from 'node:fs'
import { intArray, type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import { expect, test } from 'vitest'
import { loadModel } from '../src/checkpoint/load.ts'
import { generator } from '../src/generate/generate.ts'
import { logits } from '../src/models/architecture.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './fixture.ts'

const folder = '../shared/data/stories260K'
const present = existsSync(folder)
if (!present) console.warn(`skipped: ${folder} is not there`)

const { prompts } = readFixture<{
  prompts: {
    readonly text: string
    readonly ids: readonly number[]
    readonly negativeLogProbs: readonly number[]
    readonly lastLogits: StoredArray
    readonly greedy: readonly number[]
  }[]
}>('stories260k')

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

test.skipIf(!present)(
  'stories260K: ids, logits and greedy continuations are those of transformers',
  async () => {
    const { architecture, parameters, tokenizer } = await loadModel(folder)
    const program = value<[Parameters, NdArray], Tensor[]>((weights, tokens) => {
      const scores = logits(architecture, weights, architecture.trunk(weights, { tokens }).hidden).squeeze(0)
      return [scores, scores.logSoftmax(-1)]
    })
    for (const { text, ids, negativeLogProbs, lastLogits } of prompts) {
      expect(tokenizer.encode(text, { addSpecialTokens: true })).toEqual(ids)
      const [scores, logp] = await program(parameters, intArray(Int32Array.from(ids), [1, ids.length]))
      const vocabulary = architecture.vocabularySize
      expect(relativeError(scores!.data.slice(-vocabulary), arrayOf(lastLogits).data)).toBeLessThan(1e-4)
      const ours = negativeLogProbs.map((_, t) => -logp!.data[t * vocabulary + ids[t + 1]!]!)
      expect(relativeError(ours, negativeLogProbs)).toBeLessThan(1e-4)
    }
    const completions = await generator(architecture, parameters).generate(
      prompts.map(({ ids }) => ids),
      { maxNewTokens: 40, temperature: 0 },
    )
    expect(completions.map(({ tokens }) => tokens)).toEqual(prompts.map(({ greedy }) => greedy))
  },
)
