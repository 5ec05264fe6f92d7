import { existsSync, readFileSync } from 'node:fs'
import { intArray, type NdArray, ndarray, type Parameters, type Tensor, value } from '@attune/grad'
import { expect, test } from 'vitest'
import { parseConfig } from '../src/checkpoint/config.ts'
import { architectureOf } from '../src/checkpoint/model.ts'
import { generator } from '../src/generate/generate.ts'
import { logits } from '../src/models/architecture.ts'

const folder = '../shared/data/gpt-nano-sort'
const present = existsSync(folder)
if (!present) console.warn(`skipped: ${folder} is not there`)

interface Stored {
  readonly shape: number[]
  readonly data: string
}

function decoded({ shape, data }: Stored) {
  const bytes = Uint8Array.from(Buffer.from(data, 'base64'))
  return ndarray(new Float32Array(bytes.buffer), shape)
}

/** The published minGPT weights as Hugging Face stores GPT-2: linear layers [in, out]. */
function loadNano() {
  const { config, ...stored } = JSON.parse(readFileSync(`${folder}/gpt-nano-sort-model.json`, 'utf8'))
  const parameters: Parameters = {}
  for (const [name, entry] of Object.entries(stored as Record<string, Stored>)) {
    if (name.endsWith('.attn.bias')) continue
    const array = decoded(entry)
    parameters[name] = /c_(attn|proj|fc)\.weight$/.test(name) ? transposed(array) : array
  }
  const json = {
    model_type: 'gpt2',
    vocab_size: config.vocab_size,
    n_positions: config.block_size,
    n_embd: config.n_embd,
    n_layer: config.n_layer,
    n_head: config.n_head,
    tie_word_embeddings: false,
  }
  return { architecture: architectureOf(parseConfig(json, 'nano')), parameters }
}

function transposed({ data, shape }: Parameters[string]) {
  const [rows, columns] = shape as [number, number]
  return ndarray(
    Float32Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!),
    [columns, rows],
  )
}

test.skipIf(!present)('gpt-nano-sort gives the reference logits', async () => {
  const { architecture, parameters } = loadNano()
  const partials = JSON.parse(readFileSync(`${folder}/gpt-nano-sort-t0-partials.json`, 'utf8'))
  const ids = decoded(partials.idx)
  const expected = decoded(partials.lm_head)
  const forward = value<[Parameters, NdArray], Tensor>((weights, tokens) =>
    logits(architecture, weights, architecture.trunk(weights, { tokens }).hidden),
  )
  const actual = await forward(parameters, intArray(Int32Array.from(ids.data), ids.shape))
  expect(actual.shape).toEqual(expected.shape)
  for (const [i, logit] of expected.data.entries())
    expect(Math.abs(actual.data[i]! - logit)).toBeLessThan(1e-4)
})

test.skipIf(!present)('gpt-nano-sort sorts all 729 sequences of six letters', async () => {
  const { architecture, parameters } = loadNano()
  const inputs = Array.from({ length: 729 }, (_, n) =>
    Array.from({ length: 6 }, (_, i) => Math.floor(n / 3 ** i) % 3),
  )
  const sampler = generator({ ...architecture, contextLength: 12 }, parameters)
  const sorted: number[][] = []
  for (let first = 0; first < inputs.length; first += 243) {
    const outputs = await sampler.generate(inputs.slice(first, first + 243), {
      maxNewTokens: 6,
      temperature: 0,
    })
    sorted.push(...outputs.map(({ tokens }) => [...tokens]))
  }
  expect(sorted).toEqual(inputs.map((letters) => [...letters].sort()))
})
