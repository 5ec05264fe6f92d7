import { existsSync } from 'node:fs'
import { intArray, type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import { describe, expect, test } from 'vitest'
import { chatTemplateOf, renderChat } from '../src/chat/template.ts'
import { loadModel } from '../src/checkpoint/load.ts'
import { generator } from '../src/generate/generate.ts'
import { logits } from '../src/models/architecture.ts'
import { readFixture } from './fixture.ts'

interface Golden {
  readonly messages: readonly { role: string; content: string }[]
  readonly rendered: string
  readonly tokens: number[]
  readonly columns: number[]
  readonly logits: number[][]
  readonly greedy: number[]
  readonly answer: string
}

/** The GGUF file or the converted folder (scripts/get-smollm2.sh). */
const path = process.env.ATTUNE_SMOLLM2 ?? 'models/smollm2-135m-instruct'
const present = existsSync(path)
const why = present ? '' : ` (skipped: scripts/get-smollm2.sh puts it into ${path})`

describe.skipIf(!present)(`SmolLM2-135M-Instruct${why}`, () => {
  const golden = readFixture<Golden>('smollm2')

  test('its template and tokenizer make the very tokens of transformers', async () => {
    const { tokenizer } = await loadModel(path)
    const rendered = renderChat(chatTemplateOf(tokenizer)!, golden.messages, { addGenerationPrompt: true })
    expect(rendered).toBe(golden.rendered)
    expect(tokenizer.encode(rendered)).toEqual(golden.tokens)
  }, 60_000)

  test('logits and the greedy answer are those of transformers', async () => {
    const { architecture, parameters, tokenizer } = await loadModel(path)
    const run = value<[Parameters, NdArray], Tensor>((weights, tokens) =>
      logits(architecture, weights, architecture.trunk(weights, { tokens }).hidden),
    )
    const { data } = await run(parameters, intArray(golden.tokens, [1, golden.tokens.length]))
    for (const [position, row] of golden.logits.entries()) {
      for (const [i, column] of golden.columns.entries()) {
        const ours = data[position * architecture.vocabularySize + column]!
        expect(Math.abs(ours - row[i]!)).toBeLessThan(1e-3)
      }
    }
    await run.dispose()
    const sampler = generator(architecture, parameters)
    const numbers = { maxNewTokens: 32, temperature: 0, endOfText: tokenizer.endOfText! }
    const [answer] = await sampler.generate([golden.tokens], numbers)
    await sampler.dispose()
    expect(answer!.tokens).toEqual(golden.greedy)
    expect(tokenizer.decode(answer!.tokens)).toBe(golden.answer)
  }, 120_000)
})
