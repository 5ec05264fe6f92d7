import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type NdArray, type Parameters, type Tensor, value } from '@attune/grad'
import { afterAll, describe, expect, test } from 'vitest'
import { loadModel } from '../src/checkpoint/load.ts'
import { logits } from '../src/models/architecture.ts'
import { arrayOf, readFixture, relativeError, type StoredArray } from './fixture.ts'

const path = fileURLToPath(new URL('../fixtures/tiny-llama.gguf', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'gguf-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('logits of a quantised Llama equal those of transformers on the same file', async () => {
  const golden = readFixture<{ tokens: StoredArray; logits: StoredArray }>('tiny-llama-gguf')
  const { architecture, parameters } = await loadModel(path)
  const run = value<[Parameters, NdArray], Tensor>((weights, tokens) =>
    logits(architecture, weights, architecture.trunk(weights, { tokens }).hidden),
  )
  const ours = await run(parameters, arrayOf(golden.tokens))
  expect(relativeError([...ours.data], [...arrayOf(golden.logits).data])).toBeLessThan(1e-5)
  await run.dispose()
})

test('its tokenizer splits digits, merges, and knows the special tokens', async () => {
  const { tokenizer } = await loadModel(path)
  const text = 'the thing and 12 more\n'
  const ids = tokenizer.encode(`<|im_start|>${text}<|im_end|>`)
  const inner = ids.slice(1, -1).map((id) => tokenizer.decode([id]))
  expect(ids[0]).toBe(tokenizer.beginOfText)
  expect(ids.at(-1)).toBe(tokenizer.endOfText)
  expect(inner.join('')).toBe(text)
  expect(inner.slice(0, 2)).toEqual(['the', ' '])
  expect(inner).toContain('1') // never merged with the 2 that follows
  expect(inner).not.toContain('12')
})

describe('scaled positions', () => {
  const text = (value: string) => {
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(value.length))
    return Buffer.concat([length, Buffer.from(value)])
  }
  const entry = (name: string, value: string | number) => {
    const body = Buffer.alloc(4)
    if (typeof value === 'number') body.writeFloatLE(value)
    const kind = Buffer.of(typeof value === 'number' ? 6 : 8, 0, 0, 0)
    return Buffer.concat([text(name), kind, typeof value === 'number' ? body : text(value)])
  }
  /** The fixture with further metadata, filled up so that its tensors stay aligned to 32 bytes. */
  const withFields = (fields: Readonly<Record<string, string | number>>) => {
    const whole = readFileSync(path)
    const added = Buffer.concat(Object.entries(fields).map(([name, value]) => entry(name, value)))
    const filler = (31 * (added.length + entry('filler', '').length)) % 32
    whole.writeBigUInt64LE(whole.readBigUInt64LE(16) + BigInt(Object.keys(fields).length + 1), 16)
    const file = join(folder, 'scaled.gguf')
    writeFileSync(
      file,
      Buffer.concat([whole.subarray(0, 24), added, entry('filler', '.'.repeat(filler)), whole.subarray(24)]),
    )
    return loadModel(file)
  }
  const linear = { rope_type: 'linear', factor: 4 }
  test.each([
    [{}, null],
    [{ 'llama.rope.scaling.type': 'none', 'llama.rope.scaling.factor': 4 }, null],
    [{ 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4 }, linear],
    [{ 'llama.rope.scaling.factor': 4 }, linear],
    [{ 'llama.rope.scale_linear': 4 }, linear],
  ])('%j', async (fields, expected) => {
    expect((await withFields(fields)).config).toMatchObject({ rope_scaling: expected })
  })

  test('another kind is refused', async () => {
    await expect(withFields({ 'llama.rope.scaling.type': 'yarn' })).rejects.toThrow(
      /scaled\.gguf: rope\.scaling\.type is "yarn", expected linear or none/,
    )
  })
})

describe('what cannot be loaded is refused with the file and the reason', () => {
  const whole = readFileSync(path)
  const broken = (name: string, bytes: Uint8Array) => {
    const file = join(folder, `${name}.gguf`)
    writeFileSync(file, bytes)
    return file
  }
  const replaced = (from: string, to: string) => {
    const copy = Buffer.from(whole)
    copy.write(to, copy.indexOf(from), 'latin1')
    return copy
  }
  const otherType = () => {
    const copy = Buffer.from(whole)
    const name = copy.indexOf('blk.0.attn_q.weight')
    copy.writeUInt32LE(29, name + 'blk.0.attn_q.weight'.length + 4 + 2 * 8) // behind the number of extents and the two
    return copy
  }
  test.each([
    ['unknown type', otherType(), /tensor 'blk\.0\.attn_q\.weight' has ggml's type 29; expected one of F32/],
    ['truncated in a tensor', whole.subarray(0, whole.length - 1000), /ends at byte \d+, but the file has/],
    ['truncated in the header', whole.subarray(0, 500), /not a GGUF file, or a truncated one/],
    ['empty', whole.subarray(0, 0), /not a GGUF file, or a truncated one/],
    ['another format', Buffer.from('{"a": 1}'.repeat(50)), /not a GGUF file/],
    [
      'architecture',
      replaced('llama', 'llamb'),
      /general\.architecture is "llamb"; GGUF files of llama, qwen2/,
    ],
    ['splits', replaced('smollm', 'smollx'), /splits 'smollx'; known are .*Put the model's tokenizer\.json/],
  ])('%s', async (name, bytes, message) => {
    const file = broken(name.replaceAll(' ', '-'), bytes)
    await expect(loadModel(file)).rejects.toThrow(message)
    await expect(loadModel(file)).rejects.toThrow(file)
  })
})
