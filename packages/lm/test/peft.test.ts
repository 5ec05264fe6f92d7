import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import { afterAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../src/checkpoint/config.ts'
import { fitParameters } from '../src/checkpoint/fit.ts'
import { architectureOf, type Model } from '../src/checkpoint/model.ts'
import { readSafetensors } from '../src/checkpoint/safetensors.ts'
import { mergeAdapter } from '../src/lora/adapter.ts'
import { loadAdapter, saveAdapter } from '../src/lora/files.ts'
import { logits } from '../src/models/architecture.ts'
import { tokenizer } from '../src/tokenizer/tokenizer.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './fixture.ts'

const golden = readFixture<{ tokens: StoredArray; cases: { name: string; logits: StoredArray }[] }>('peft')
const folder = mkdtempSync(join(tmpdir(), 'peft-'))
afterAll(() => rmSync(folder, { recursive: true }))

const at = (...parts: string[]) => fileURLToPath(new URL(join('../fixtures/peft', ...parts), import.meta.url))
const anyTokenizer = tokenizer(
  {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
  },
  {},
)

async function baseOf(name: string): Promise<Model> {
  const where = at(name, 'base', 'config.json')
  const config = parseConfig(JSON.parse(readFileSync(where, 'utf8')), where)
  const architecture = architectureOf(config)
  const { tensors } = await readSafetensors(at(name, 'base', 'model.safetensors'))
  const known = { 'model.embed_tokens.weight': tensors['model.embed_tokens.weight']! }
  // a base for classification has no output embedding, and none is read
  const whole =
    name === 'reward' ? { ...tensors, 'lm_head.weight': known['model.embed_tokens.weight']! } : tensors
  return {
    config,
    architecture,
    parameters: fitParameters(whole, architecture, where),
    tokenizer: anyTokenizer,
  }
}

async function outputs({ architecture, parameters }: Model, name: string): Promise<number[]> {
  const run = value<[Parameters, NdArray], Tensor>((weights, tokens) => {
    const { hidden } = architecture.trunk(weights, { tokens })
    if (name !== 'reward') return logits(architecture, weights, hidden)
    const last = hidden.slice(1, -1).squeeze(1)
    return last.linear(weights['score.weight']!, { transposeB: true })
  })
  const { data } = await run(parameters, arrayOf(golden.tokens))
  await run.dispose()
  return [...data] as number[]
}

describe.each(golden.cases)('an adapter that PEFT saved: $name', ({ name, logits: expected }) => {
  test('gives the logits of PEFT, on its base and merged', async () => {
    const adapted = await loadAdapter(await baseOf(name), at(name, 'adapter'))
    const theirs = [...arrayOf(expected).data]
    expect(relativeError(await outputs(adapted, name), theirs)).toBeLessThan(1e-5)
    expect(relativeError(await outputs(mergeAdapter(adapted), name), theirs)).toBeLessThan(1e-5)
  })

  test('is saved under the names and with the numbers that PEFT reads', async () => {
    const adapted = await loadAdapter(await baseOf(name), at(name, 'adapter'))
    const target = join(folder, name)
    cpSync(at(name, 'adapter'), target, { recursive: true })
    writeFileSync(join(target, 'adapter_model.safetensors'), '')
    await saveAdapter(target, adapted.adapter!, adapted.parameters)
    const read = async (where: string) =>
      (await readSafetensors(join(where, 'adapter_model.safetensors'))).tensors
    const [ours, theirs] = [await read(target), await read(at(name, 'adapter'))]
    expect(Object.keys(ours).sort()).toEqual(Object.keys(theirs).sort())
    for (const [key, { shape, data }] of Object.entries(theirs)) {
      expect(ours[key]!.shape).toEqual(shape)
      expect(ours[key]!.data).toEqual(data)
    }
    const config = (where: string) => JSON.parse(readFileSync(join(where, 'adapter_config.json'), 'utf8'))
    const { r, lora_alpha, task_type, use_rslora, peft_type } = config(at(name, 'adapter'))
    expect(config(target)).toMatchObject({ r, lora_alpha, task_type, use_rslora, peft_type })
  })
})

test('two adapters of one base share its weights and do not disturb each other', async () => {
  const base = await baseOf('llama')
  const before = [...base.parameters['model.layers.0.mlp.up_proj.weight']!.data]
  const first = await loadAdapter(base, at('llama', 'adapter'))
  const second = await loadAdapter(base, at('llama-rslora', 'adapter'))
  const alone = await outputs(first, 'llama')
  await outputs(second, 'llama')
  expect(await outputs(first, 'llama')).toEqual(alone)
  expect(first.adapter!.base).toBe(second.adapter!.base)
  expect([...base.parameters['model.layers.0.mlp.up_proj.weight']!.data]).toEqual(before)
})

test('the adapter of another model is refused with its file and what does not fit', async () => {
  const base = await baseOf('gpt2')
  await expect(loadAdapter(base, at('llama', 'adapter'))).rejects.toThrow(
    /no layer of the base is called; it has c_attn/,
  )
})
