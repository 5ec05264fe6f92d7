import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ndarray, type Parameters } from '@attune/grad'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withLora } from '../lora/adapter.ts'
import { loraConfig } from '../lora/config.ts'
import { loadTokenizer, tokenizer } from '../tokenizer/tokenizer.ts'
import { trainBpe } from '../tokenizer/train-bpe.ts'
import { parseConfig } from './config.ts'
import { readParameters, saveModel } from './folder.ts'
import { loadModel } from './load.ts'
import { newModel } from './model.ts'
import { writeSafetensors } from './safetensors.ts'

const words = tokenizer(trainBpe(['a b a b'], { vocabularySize: 258, specialTokens: ['<|end|>'] }), {
  eos_token: '<|end|>',
})
const config = parseConfig(
  { model_type: 'gpt2', vocab_size: 260, n_positions: 8, n_embd: 4, n_layer: 1, n_head: 2 },
  'test',
)
const model = newModel(config, { tokenizer: words, seed: 3 })
const weights = 'model.safetensors'
const index = 'model.safetensors.index.json'

let folder: string
const at = (name: string) => join(folder, name)

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-model-'))
  await saveModel(folder, model)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Edits a JSON file of the checkpoint. */
function edit(name: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(at(name), 'utf8'))
  change(json)
  writeFileSync(at(name), JSON.stringify(json))
}

/** Replaces the single file by two shards; `map` changes the index. */
async function shard(map: Record<string, unknown> = {}): Promise<void> {
  const all = Object.entries(model.parameters)
  const weightMap: Record<string, unknown> = {}
  for (const [i, file] of [
    'model-00001-of-00002.safetensors',
    'model-00002-of-00002.safetensors',
  ].entries()) {
    const part = all.filter((_, n) => n % 2 === i)
    await writeSafetensors(at(file), Object.fromEntries(part))
    for (const [name] of part) weightMap[name] = file
  }
  rmSync(at(weights))
  writeFileSync(at(index), JSON.stringify({ metadata: {}, weight_map: { ...weightMap, ...map } }))
}

const write = (change: Parameters) => writeSafetensors(at(weights), { ...model.parameters, ...change })

test('a saved model loads to the same configuration, parameters and tokenizer', async () => {
  const loaded = await loadModel(folder)
  expect(loaded.config).toEqual(model.config)
  expect(loaded.parameters).toEqual(model.parameters)
  expect(loaded.tokenizer.json).toEqual(words.json)
  expect(loaded.tokenizer.endOfText).toBe(words.endOfText)
})

test('shards with an index hold the same parameters as one file', async () => {
  await shard()
  expect((await loadModel(folder)).parameters).toEqual(model.parameters)
})

describe('a model saved over another loads as itself', () => {
  const later = newModel(config, { tokenizer: words, seed: 4 })
  const expectLater = async () => {
    await saveModel(folder, later)
    const { parameters, tokenizer: own } = await loadModel(folder)
    expect(parameters).toEqual(later.parameters)
    expect(own.config).toEqual(words.config)
  }
  const lora = (r: number) => withLora(model, loraConfig({ r, base_model_name_or_path: null }), { seed: 1 })

  test('over shards', async () => {
    await shard()
    await expectLater()
  })

  test('over an adapter', async () => {
    await saveModel(folder, lora(1))
    await expectLater()
  })

  test('an adapter over a model with a template', async () => {
    writeFileSync(at('chat_template.jinja'), 'of the old model')
    const adapted = lora(2)
    await saveModel(folder, adapted)
    expect(await readParameters(folder)).toEqual(adapted.parameters)
    expect((await loadTokenizer(folder)).config).toEqual(words.config)
  })

  test('over a template', async () => {
    writeFileSync(at('chat_template.jinja'), 'of the old model')
    await expectLater()
  })
})

describe('a completion ends at every token that a file names', () => {
  const end = words.endOfText!
  const endsOf = async () => (await loadModel(folder)).tokenizer.endsOfText
  const generation = (ids: unknown) =>
    writeFileSync(at('generation_config.json'), JSON.stringify({ eos_token_id: ids }))

  test('the tokenizer, and generation_config.json before config.json', async () => {
    expect(await endsOf()).toEqual([end])
    edit('config.json', (json) => {
      json.eos_token_id = 3
    })
    expect(await endsOf()).toEqual([end, 3])
    generation([5, end, 6])
    expect(await endsOf()).toEqual([end, 5, 6])
    generation(null)
    expect(await endsOf()).toEqual([end, 3])
    generation('five')
    await expect(endsOf()).rejects.toThrow(/generation_config\.json: eos_token_id is "five", expected/)
  })

  test('without eos_token the first of them ends a text, and ids that no token has are left out', async () => {
    writeFileSync(at('tokenizer_config.json'), '{}')
    generation([999, 4, 5])
    expect((await loadModel(folder)).tokenizer).toMatchObject({ endOfText: 4, endsOfText: [4, 5] })
  })

  test('they are saved with the model, and over those of another', async () => {
    generation([5, 6])
    await saveModel(folder, { ...model, tokenizer: (await loadModel(folder)).tokenizer })
    expect(await endsOf()).toEqual([end, 5, 6])
    await saveModel(folder, model)
    expect(await endsOf()).toEqual([end])
  })
})

test("a scalar head, old buffers, GPT-2's short names and the tied embedding are understood", async () => {
  const short = Object.entries(model.parameters).map(([name, array]) => [
    name.replace('transformer.', ''),
    array,
  ])
  const head = { 'score.weight': ndarray([1, 2, 3, 4], [1, 4]) }
  await writeSafetensors(at(weights), {
    ...Object.fromEntries(short),
    ...head,
    'h.0.attn.bias': ndarray([1], [1, 1]),
    'lm_head.weight': model.parameters['transformer.wte.weight']!,
  })
  expect((await loadModel(folder)).parameters).toEqual({ ...model.parameters, ...head })
})

test("a buffer may be of a type that no parameter has, as GPT-NeoX's masks of bytes are", async () => {
  await write({ 'h.0.attn.bias': ndarray([0], [1]) })
  const bytes = readFileSync(at(weights))
  const entry = bytes.indexOf('"F32","shape":[1]')
  expect(entry).toBeGreaterThan(0)
  bytes.write('"I32"', entry)
  writeFileSync(at(weights), bytes)
  expect((await loadModel(folder)).parameters).toEqual(model.parameters)
})

test('the index may name buffers', async () => {
  await shard({ 'h.0.attn.bias': 'model-00001-of-00002.safetensors' })
  expect((await loadModel(folder)).parameters).toEqual(model.parameters)
})

describe('a checkpoint that does not fit gets one clear message', () => {
  const wte = 'transformer.wte.weight'

  test('a tensor that is missing', async () => {
    const { [wte]: _, ...rest } = model.parameters
    await writeSafetensors(at(weights), rest)
    await expect(loadModel(folder)).rejects.toThrow(
      `${folder}: parameter '${wte}' [260,4] is missing from the checkpoint`,
    )
  })

  test('a tensor of another shape', async () => {
    await write({ [wte]: ndarray(new Float32Array(1040), [4, 260]) })
    await expect(loadModel(folder)).rejects.toThrow(
      `parameter '${wte}' is [4,260], but config.json makes it [260,4]`,
    )
  })

  test('a tensor that the configuration does not describe', async () => {
    await write({ 'transformer.h.1.ln_1.bias': ndarray([1, 2, 3, 4], [4]) })
    await expect(loadModel(folder)).rejects.toThrow(
      "parameter 'transformer.h.1.ln_1.bias' [4] is not one that config.json describes",
    )
  })

  test('a tensor under both of its names', async () => {
    await write({ 'wte.weight': model.parameters[wte]! })
    await expect(loadModel(folder)).rejects.toThrow(`'${wte}' is there with and without 'transformer.'`)
  })

  test('a scalar head of another width', async () => {
    await write({ 'score.weight': ndarray([1, 2], [1, 2]) })
    await expect(loadModel(folder)).rejects.toThrow("'score.weight' is [1,2], but config.json makes it [1,4]")
  })

  test('a file that is missing', async () => {
    for (const name of [weights, 'tokenizer.json', 'config.json']) {
      rmSync(at(name))
      await expect(loadModel(folder)).rejects.toThrow(`${at(name)}: there is no such file`)
    }
  })

  test('a configuration that is not JSON, or not an object', async () => {
    writeFileSync(at('config.json'), '{"model_type": ')
    await expect(loadModel(folder)).rejects.toThrow(/config\.json: not valid JSON/)
    writeFileSync(at('config.json'), '[]')
    await expect(loadModel(folder)).rejects.toThrow(/config\.json: expected a JSON object/)
  })
})

describe('an index that lies', () => {
  const wte = 'transformer.wte.weight'
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']

  test.each([
    ['places a tensor in another shard', { [wte]: second }, new RegExp(`'${wte}' is here, but .*${second}`)],
    ['names a tensor that no shard has', { extra: first }, new RegExp(`'extra' is not in ${first}`)],
    ['names a shard that is not there', { extra: 'x.safetensors' }, /x\.safetensors: there is no such file/],
    ['leads out of the folder', { extra: '../x.safetensors' }, /"\.\.\/x\.safetensors" is not the name of/],
    ['names the folder itself', { extra: '..' }, /"\.\." is not the name of a safetensors file/],
    ['names no text', { extra: 7 }, /7 is not the name of a safetensors file/],
  ])('%s', async (_, map, message) => {
    await shard(map)
    await expect(loadModel(folder)).rejects.toThrow(message)
  })

  test('leaves out a tensor', async () => {
    await shard({ [wte]: undefined })
    await expect(loadModel(folder)).rejects.toThrow(/'transformer\.wte\.weight' is here, but .* in no file/)
  })

  test('has no map', async () => {
    await shard()
    edit(index, (json) => {
      json.weight_map = []
    })
    await expect(loadModel(folder)).rejects.toThrow(/index\.json: weight_map is missing/)
  })
})

describe('a tokenizer of another model', () => {
  test('with more tokens', async () => {
    edit('config.json', (json) => {
      json.vocab_size = 257
    })
    await expect(loadModel(folder)).rejects.toThrow(
      "the tokenizer has 258 tokens, but the model's vocab_size is 257",
    )
  })

  test('with few tokens but one high id', async () => {
    edit('tokenizer.json', (json) => {
      ;(json.added_tokens as object[]).push({ id: 300, content: '<far>', special: true })
    })
    await expect(loadModel(folder)).rejects.toThrow(
      /tokenizer has 301 tokens, but the model's vocab_size is 260/,
    )
  })
})
