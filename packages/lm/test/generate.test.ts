import { intArray, linearLogProbs, type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { generator } from '../src/generate/generate.ts'
import { tinyConfigs, tinyModel } from './tiny.ts'

const prompts = [[1, 2, 3], [4], [5, 6, 7, 8, 9, 10, 11], [3, 3]]

/** log π of every completion's tokens by one forward pass over the whole, unpadded row. */
async function trainerLogProbs(
  { architecture, parameters }: ReturnType<typeof tinyModel>,
  prompt: readonly number[],
  completion: readonly number[],
  temperature = 1,
) {
  const ids = [...prompt, ...completion]
  const program = value<[Parameters, NdArray, NdArray], Tensor>((weights, tokens, targets) => {
    const hidden = architecture.trunk(weights, { tokens }).hidden.reshape([-1, architecture.width])
    return linearLogProbs(hidden, architecture.unembedding(weights), { targets, temperature })
  })
  const logp = await program(
    parameters,
    intArray(ids, [1, ids.length]),
    intArray([...ids.slice(1), 0], [ids.length]),
  )
  return [...logp.data].slice(prompt.length - 1, ids.length - 1)
}

describe.each(Object.entries(tinyConfigs))('%s', (_, config) => {
  const model = tinyModel(config)

  test.each([1, 0.7])(
    "the sampler's log-probabilities are the trainer's at temperature %s",
    async (temperature) => {
      const sampler = generator(model.architecture, model.parameters)
      const completions = await sampler.generate(prompts, { maxNewTokens: 12, temperature, seed: 3 })
      for (const [row, { tokens, logprobs }] of completions.entries()) {
        const expected = await trainerLogProbs(model, prompts[row]!, tokens, temperature)
        for (const [i, logp] of logprobs.entries()) expect(Math.abs(logp - expected[i]!)).toBeLessThan(1e-4)
      }
    },
  )

  test('rows that share a prompt draw what they would draw without sharing', async () => {
    const sampler = generator(model.architecture, model.parameters)
    const [a, b] = [
      [1, 2, 3],
      [4, 5, 6, 7, 8],
    ]
    const options = { maxNewTokens: 10, seed: 5 }
    const shared = [a, b, a, a, b]
    const together = await sampler.generate(shared, options)
    expect(together[0]!.tokens).not.toEqual(together[2]!.tokens) // each row has its own random numbers
    for (const [row, prompt] of shared.entries()) {
      const others = shared.map((_, i) => (i === row ? prompt : [9 + i, 3])) // no two alike
      const alone = (await sampler.generate(others, options))[row]!
      expect(alone.tokens).toEqual(together[row]!.tokens)
      for (const [i, logprob] of alone.logprobs.entries())
        expect(Math.abs(logprob - together[row]!.logprobs[i]!)).toBeLessThan(1e-5)
      for (const [i, entropy] of alone.entropies.entries())
        expect(Math.abs(entropy - together[row]!.entropies[i]!)).toBeLessThan(1e-5)
    }
  })

  test('a row does not depend on the rows beside it', async () => {
    const sampler = generator(model.architecture, model.parameters)
    const together = await sampler.generate(prompts, { maxNewTokens: 8, temperature: 0 })
    for (const [row, prompt] of prompts.entries()) {
      const [alone] = await sampler.generate([prompt], { maxNewTokens: 8, temperature: 0 })
      expect(alone!.tokens).toEqual(together[row]!.tokens)
    }
  })
})

test('held weights: rows that have ended are left out of the steps, and nothing else changes', async () => {
  const model = tinyModel(tinyConfigs['llama, grouped queries, tied']!)
  const asked = Array.from({ length: 9 }, (_, i) => prompts[i % prompts.length]!)
  const options = { maxNewTokens: 40, endOfText: 7, seed: 11 }
  const [held, packed] = (['held', 'packed'] as const).map((weights) =>
    generator(model.architecture, model.parameters, { weights }),
  )
  const [shrunk, whole] = [await held!.generate(asked, options), await packed!.generate(asked, options)]
  const lengths = whole.map(({ tokens }) => tokens.length).sort((a, b) => a - b)
  expect(lengths[4]!).toBeLessThan(lengths[8]! - 4) // half of the rows end well before the last
  expect(shrunk.map(({ tokens }) => tokens)).toEqual(whole.map(({ tokens }) => tokens))
  for (const [row, { logprobs }] of whole.entries())
    for (const [i, logprob] of logprobs.entries())
      expect(Math.abs(logprob - shrunk[row]!.logprobs[i]!)).toBeLessThan(1e-5)
})

describe('options', () => {
  const model = tinyModel(tinyConfigs['llama, grouped queries, tied']!)
  const sampler = generator(model.architecture, model.parameters)

  test('the stream draws what the completions hold, and tells the likeliest tokens', async () => {
    const wanted = { maxNewTokens: 9, seed: 4, stop: (tokens: readonly number[]) => tokens.length === 5 }
    const whole = await sampler.generate(prompts, wanted)
    const rows = prompts.map((): { tokens: number[]; logprobs: number[] } => ({ tokens: [], logprobs: [] }))
    const ends = new Map<number, string>()
    for await (const step of sampler.stream(prompts, { ...wanted, topLogprobs: 2 })) {
      for (const { row, token, logprob, top, finishReason } of step) {
        rows[row]!.tokens.push(token)
        rows[row]!.logprobs.push(logprob)
        if (finishReason) ends.set(row, finishReason)
        expect(top).toHaveLength(2)
        expect(top[0]!.logprob).toBeGreaterThanOrEqual(Math.max(top[1]!.logprob, logprob))
      }
    }
    expect(rows).toEqual(whole.map(({ tokens, logprobs }) => ({ tokens, logprobs })))
    expect([...ends.values()]).toEqual(whole.map(({ finishReason }) => finishReason))
  })

  test('the same seed gives the same tokens, another seed others', async () => {
    const run = async (seed: number) =>
      (await sampler.generate(prompts, { maxNewTokens: 16, seed })).map(({ tokens }) => tokens)
    expect(await run(1)).toEqual(await run(1))
    expect(await run(1)).not.toEqual(await run(2))
  })

  test('the end-of-text token ends a completion and is its last token', async () => {
    const [free] = await sampler.generate([[1]], { maxNewTokens: 16, temperature: 0 })
    const end = free!.tokens[5]!
    const first = free!.tokens.indexOf(end)
    const [ended] = await sampler.generate([[1]], { maxNewTokens: 16, temperature: 0, endOfText: end })
    expect(ended).toMatchObject({ tokens: free!.tokens.slice(0, first + 1), finishReason: 'stop' })
    const [longer] = await sampler.generate([[1]], {
      maxNewTokens: 16,
      minNewTokens: 10,
      temperature: 0,
      endOfText: end,
    })
    expect(longer!.tokens.slice(0, 10)).not.toContain(end)
    expect(free!.finishReason).toBe('length')
  })

  test('any of several tokens ends a completion, and none of them comes too early', async () => {
    const numbers = { maxNewTokens: 16, temperature: 0 }
    const [free] = await sampler.generate([[1]], numbers)
    const [early, late] = [free!.tokens[1]!, free!.tokens[5]!]
    const first = free!.tokens.findIndex((token) => token === early || token === late)
    const [ended] = await sampler.generate([[1]], { ...numbers, endOfText: [late, early] })
    expect(ended).toMatchObject({ tokens: free!.tokens.slice(0, first + 1), finishReason: 'stop' })
    const [longer] = await sampler.generate([[1]], { ...numbers, minNewTokens: 9, endOfText: [late, early] })
    expect(longer!.tokens.slice(0, 9).filter((token) => token === early || token === late)).toEqual([])
  })

  test('where the end is all but certain and forbidden, the likeliest other token is drawn', async () => {
    const wanted = { maxNewTokens: 3, minNewTokens: 3, temperature: 1e-3 }
    const greedy = (endOfText: number) => sampler.generate([[1]], { ...wanted, temperature: 0, endOfText })
    const [free] = await sampler.generate([[1]], { maxNewTokens: 1, temperature: 0 })
    const endOfText = free!.tokens[0]!
    const [[likeliest], [drawn]] = [
      await greedy(endOfText),
      await sampler.generate([[1]], { ...wanted, endOfText }),
    ]
    expect(drawn!.tokens).toEqual(likeliest!.tokens)
    expect(drawn!.logprobs[0]).toBeLessThan(-104) // float32 has no such probability
    expect(drawn!.logprobs.every(Number.isFinite)).toBe(true)
  })

  test('a stop condition ends a completion', async () => {
    const [stopped] = await sampler.generate([[1]], {
      maxNewTokens: 16,
      stop: (tokens) => tokens.length === 4,
    })
    expect(stopped).toMatchObject({ finishReason: 'stop' })
    expect(stopped!.tokens).toHaveLength(4)
  })

  test('top-k of one is greedy', async () => {
    const [greedy] = await sampler.generate([[2, 3]], { maxNewTokens: 8, temperature: 0 })
    const [single] = await sampler.generate([[2, 3]], { maxNewTokens: 8, topK: 1, seed: 5 })
    const [nucleus] = await sampler.generate([[2, 3]], { maxNewTokens: 8, topP: 1e-6, seed: 6 })
    expect(single!.tokens).toEqual(greedy!.tokens)
    expect(nucleus!.tokens).toEqual(greedy!.tokens)
  })

  test.each([
    [[], 4, /no prompt/],
    [[[]], 4, /prompt 0 has no token/],
    [[[1], [2, 99]], 4, /prompt 1 has token 99.*24/],
    [[[1, 2]], 63, /prompt 0 has 2 tokens and 63 new ones do not fit the context of 64/],
    [[[1]], 0, /maxNewTokens is 0/],
  ])('%j with %i new tokens is refused', async (rows, maxNewTokens, message) => {
    await expect(sampler.generate(rows as number[][], { maxNewTokens })).rejects.toThrow(message)
  })
})
