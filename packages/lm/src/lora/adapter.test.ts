import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  intArray,
  type NdArray,
  type Parameters,
  randomKey,
  type Tensor,
  value,
  valueAndGrad,
} from '@attune/grad'
import { afterAll, describe, expect, test } from 'vitest'
import { tinyConfigs, tinyModel } from '../../test/tiny.ts'
import { saveModel } from '../checkpoint/folder.ts'
import { loadModel } from '../checkpoint/load.ts'
import type { Model } from '../checkpoint/model.ts'
import { generator } from '../generate/generate.ts'
import { logits } from '../models/architecture.ts'
import { tokenizer } from '../tokenizer/tokenizer.ts'
import { mergeAdapter, withLora } from './adapter.ts'
import { type LoraConfig, loraConfig } from './config.ts'
import { loadAdapter } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'lora-'))
afterAll(() => rmSync(folder, { recursive: true }))

const letters = Object.fromEntries(Array.from('abcdefghijklmnopqrstuvwx', (letter, id) => [letter, id]))
const anyTokenizer = tokenizer(
  {
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: 'BPE', vocab: letters, merges: [] },
  },
  {},
)
const tokens = intArray([3, 1, 4, 1, 5, 9, 2, 6, 5, 3], [2, 5])

function base(name = 'llama, grouped queries, tied'): Model {
  const config = tinyConfigs[name]!
  return { config, ...tinyModel(config), tokenizer: anyTokenizer }
}

function adapted(model: Model, options: Partial<LoraConfig> = {}): Model {
  const config = loraConfig({ r: 2, base_model_name_or_path: join(folder, 'base'), ...options })
  const result = withLora(model, config, { seed: 1 })
  for (const [name, { data }] of Object.entries(result.parameters)) {
    const random = randomKey(3, name)
    if (name.includes('lora_B')) for (let i = 0; i < data.length; i++) data[i] = 0.1 * random.normal()
  }
  return result
}

async function logitsOf({ architecture, parameters }: Model): Promise<number[]> {
  const run = value<[Parameters, NdArray], Tensor>((weights, ids) =>
    logits(architecture, weights, architecture.trunk(weights, { tokens: ids }).hidden),
  )
  const { data } = await run(parameters, tokens)
  await run.dispose()
  return [...data]
}

const largest = (a: readonly number[], b: readonly number[]) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)))

describe('an adapter over a base', () => {
  test('starts as the base, to the bit', async () => {
    const model = base()
    const config = loraConfig({ base_model_name_or_path: null })
    expect(await logitsOf(withLora(model, config, { seed: 1 }))).toEqual(await logitsOf(model))
  })

  test('of rank zero is the base and has no parameters', async () => {
    const model = base()
    const nothing = withLora(model, loraConfig({ r: 0, base_model_name_or_path: null }), { seed: 1 })
    expect(Object.keys(nothing.parameters)).toEqual([])
    expect(await logitsOf(nothing)).toEqual(await logitsOf(model))
    expect(mergeAdapter(nothing).parameters).toEqual(model.parameters)
  })

  test.each(Object.keys(tinyConfigs))('%s: merged, it says the same', async (name) => {
    const model = base(name)
    const before = structuredClone(model.parameters)
    const changed = adapted(model)
    const [ours, merged] = [await logitsOf(changed), await logitsOf(mergeAdapter(changed))]
    expect(largest(ours, merged)).toBeLessThan(1e-5)
    expect(largest(ours, await logitsOf(model))).toBeGreaterThan(1e-2)
    expect(model.parameters).toEqual(before)
  })

  test('the scale is alpha/r, or alpha/√r', async () => {
    const model = base()
    const plain = await logitsOf(adapted(model, { r: 4, lora_alpha: 8 }))
    const rooted = await logitsOf(adapted(model, { r: 4, lora_alpha: 4, use_rslora: true }))
    expect(largest(plain, rooted)).toBeLessThan(1e-6)
  })

  test('its gradient is that of finite differences, and the base has none', async () => {
    const model = adapted(base(), { target_modules: ['q_proj', 'down_proj'] })
    const { architecture, parameters } = model
    const loss = valueAndGrad<[NdArray]>((weights, ids) =>
      logits(architecture, weights, architecture.trunk(weights, { tokens: ids }).hidden)
        .square()
        .mean(),
    )
    const { grads } = await loss(parameters, tokens)
    expect(Object.keys(grads)).toEqual(Object.keys(parameters))
    expect(Object.keys(grads).every((name) => /(q_proj|down_proj)\.lora_[AB]/.test(name))).toBe(true)
    for (const name of Object.keys(parameters).slice(0, 4)) {
      const { data } = parameters[name]!
      const [start, step] = [data[0]!, 1e-2]
      const at = async (x: number) => {
        data[0] = x
        return (await loss(parameters, tokens)).value
      }
      const slope = ((await at(start + step)) - (await at(start - step))) / (2 * step)
      data[0] = start
      expect(Math.abs(slope - grads[name]!.data[0]!)).toBeLessThan(2e-3)
    }
    await loss.dispose()
  })

  test('it generates what the merged model generates', async () => {
    const model = adapted(base())
    const merged = mergeAdapter(model)
    const run = async ({ architecture, parameters }: Model, weights: 'packed' | 'held') => {
      const { generate, dispose } = generator(architecture, parameters, { weights })
      const [completion] = await generate([[1, 2, 3]], { maxNewTokens: 12, temperature: 0 })
      await dispose()
      return completion!.tokens
    }
    const expected = await run(merged, 'packed')
    expect(await run(model, 'packed')).toEqual(expected)
    expect(await run(model, 'held')).toEqual(expected)
  })
})

describe('files', () => {
  test('saved and loaded over its base, the parameters are the same; loaded alone, it is merged', async () => {
    const model = base()
    await saveModel(join(folder, 'base'), model)
    const changed = adapted(model)
    await saveModel(join(folder, 'adapter'), changed)
    expect((await loadAdapter(model, join(folder, 'adapter'))).parameters).toEqual(changed.parameters)
    const merged = await loadModel(join(folder, 'adapter'))
    expect(merged.adapter).toBeUndefined()
    expect(await logitsOf(merged)).toEqual(await logitsOf(mergeAdapter(changed)))
  })

  test('two adapters lie over one copy of the base', async () => {
    const model = base()
    const [one, two] = [adapted(model), adapted(model, { r: 3 })]
    expect(one.adapter?.base.parameters).toBe(two.adapter?.base.parameters)
    expect(largest(await logitsOf(one), await logitsOf(two))).toBeGreaterThan(1e-3)
  })

  test('what does not fit is refused with the file, the name and what was expected', async () => {
    const path = join(folder, 'wrong')
    await saveModel(path, adapted(base()))
    await expect(loadAdapter(base('gpt2, tied'), path)).rejects.toThrow(
      /adapter_model\.safetensors: 'base_model\.model\.transformer\.h\.0\.attn\.c_attn\.lora_A\.weight' is missing.*another model\?/,
    )
    const file = join(path, 'adapter_config.json')
    const original = readFileSync(file, 'utf8')
    const changed = async (fields: object) => {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(original), ...fields }))
      return loadModel(path)
    }
    await expect(changed({ r: 3 })).rejects.toThrow(/is \[2,16\], but rank 3 on this base makes it \[3,16\]/)
    await expect(changed({ target_modules: ['q_proj'] })).rejects.toThrow(/belongs to no layer of the base/)
    await expect(changed({ target_modules: ['query'] })).rejects.toThrow(
      /names 'query'.*it has q_proj, k_proj/,
    )
    for (const start of ['pissa', 'pissa_niter_16', 'olora', 'loftq'])
      await expect(changed({ init_lora_weights: start })).rejects.toThrow(
        `init_lora_weights is "${start}", expected true, false or gaussian`,
      )
    for (const start of [true, false, 'gaussian', null])
      expect((await changed({ init_lora_weights: start })).config).toEqual(base().config)
    await expect(changed({ use_dora: true })).rejects.toThrow(/use_dora is true, expected none/)
    await expect(changed({ base_model_name_or_path: 'nowhere' })).rejects.toThrow(
      /its base 'nowhere' is not there/,
    )
    await expect(changed({ peft_type: 'LOHA' })).rejects.toThrow(/peft_type is "LOHA", expected LORA/)
  })
})
