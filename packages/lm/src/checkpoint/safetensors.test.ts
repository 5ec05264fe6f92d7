import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ndarray, type Parameters, sizeOf } from '@attune/grad'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { writeFileAtomic } from './files.ts'
import { readSafetensors, writeSafetensors } from './safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-safetensors-'))
const path = join(folder, 'model.safetensors')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A file of a header (text, or an object) and data bytes; `length` may lie about the header. */
function fileOf(header: unknown, { data = 0, length }: { data?: number; length?: bigint } = {}): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(text.length))
  return Buffer.concat([prefix, text, Buffer.alloc(data)])
}

/** Reads bytes as a file; the message when they are refused. */
async function refusal(bytes: Uint8Array): Promise<string> {
  writeFileSync(path, bytes)
  return readSafetensors(path).then(
    () => 'accepted',
    (error: Error) => error.message,
  )
}

describe('what is written is read again', () => {
  const names = fc.string({ unit: 'binary', maxLength: 12 }).filter((name) => !name.startsWith('__'))
  const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  const array = (values: fc.Arbitrary<number>) =>
    shapes.chain((shape) =>
      fc
        .array(values, { minLength: sizeOf(shape), maxLength: sizeOf(shape) })
        .map((data) => ndarray(Float32Array.from(data), shape)),
    )
  // values that every type holds exactly
  const short = fc.integer({ min: -128, max: 128 }).map((n) => n / 8)
  const metadata = fc.dictionary(names, fc.string({ unit: 'binary' }), { noNullPrototype: true })

  test.each([
    ['F32', fc.float()],
    ['F16', short],
    ['BF16', short],
  ] as const)('%s', async (dtype, values) => {
    const files = fc.dictionary(names, array(values), { noNullPrototype: true })
    await fc.assert(
      fc.asyncProperty(files, metadata, async (tensors: Parameters, texts) => {
        await writeSafetensors(path, tensors, { dtype, metadata: texts })
        expect(await readSafetensors(path)).toEqual({ tensors, metadata: texts })
      }),
      { numRuns: 60 },
    )
  })

  test('F16 and BF16 round to the nearest value', async () => {
    const tensors = { x: ndarray([1 / 3, 70000, 1e-9], [3]) }
    await writeSafetensors(path, tensors, { dtype: 'F16' })
    expect([...(await readSafetensors(path)).tensors.x!.data]).toEqual([
      0.333251953125,
      Number.POSITIVE_INFINITY,
      0,
    ])
    await writeSafetensors(path, tensors, { dtype: 'BF16' })
    expect([...(await readSafetensors(path)).tensors.x!.data]).toEqual(
      [0.333984375, 70144, 9.96e-10].map((x) => expect.closeTo(x, 4)),
    )
  })

  test('F64 is narrowed to float32', async () => {
    const bytes = fileOf({ x: { dtype: 'F64', shape: [2], data_offsets: [0, 16] } }, { data: 16 })
    bytes.writeDoubleLE(Math.PI, bytes.length - 16)
    writeFileSync(path, bytes)
    expect([...(await readSafetensors(path)).tensors.x!.data]).toEqual([Math.fround(Math.PI), 0])
  })

  test('data start at a multiple of eight, as the format asks', async () => {
    await writeSafetensors(path, { x: ndarray([1], [1]) }, { metadata: { a: 'bc' } })
    expect(readFileSync(path).readUInt32LE() % 8).toBe(0)
  })
})

describe('a damaged file gets one clear message', () => {
  const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  })
  const cases: readonly [string, Buffer, RegExp][] = [
    ['empty', Buffer.alloc(0), /0 bytes are too few/],
    ['a 10-GB header', fileOf({}, { length: 10_000_000_000n }), /header claims 10000000000 bytes/],
    ['a header of 2⁶⁴−1 bytes', fileOf({}, { length: 2n ** 64n - 1n }), /header claims 18446744073709551615/],
    ['a header past the end', fileOf({}, { length: 3n }), /claims 3 bytes, but only 2 follow; .* truncated/],
    ['a header cut short', fileOf({ x: f32(0, 4) }, { data: 4, length: 9n }), /header is not valid JSON/],
    ['a header that is a list', fileOf([1]), /header is not a JSON object/],
    ['a header that is null', fileOf('null'), /header is not a JSON object/],
    ['metadata that is no text', fileOf({ __metadata__: { a: 1 } }), /__metadata__ is \{"a":1\}, expected/],
    ['offsets beyond the file', fileOf({ x: f32(0, 8) }, { data: 4 }), /'x' lies at bytes 0 to 8, outside/],
    [
      'offsets backwards',
      fileOf({ x: { ...f32(0, 4), data_offsets: [4, 0] } }, { data: 4 }),
      /'x' lies at bytes 4 to 0/,
    ],
    [
      'negative offsets',
      fileOf({ x: { ...f32(0, 4), data_offsets: [-4, 0] } }),
      /'x' has data_offsets \[-4,0\]/,
    ],
    ['three offsets', fileOf({ x: { ...f32(0, 4), data_offsets: [0, 4, 8] } }), /'x' has data_offsets/],
    ['overlap', fileOf({ a: f32(0, 8), b: f32(4, 12) }, { data: 12 }), /'b' starts at byte 4 and overlaps/],
    ['a gap', fileOf({ a: f32(0, 4), b: f32(8, 12) }, { data: 12 }), /'b' starts at byte 8 and leaves a gap/],
    ['a gap at the start', fileOf({ a: f32(4, 8) }, { data: 8 }), /'a' starts at byte 4 and leaves a gap/],
    ['bytes of nobody at the end', fileOf({ a: f32(0, 4) }, { data: 9 }), /take 4 bytes, but 9 follow/],
    [
      'an unknown type',
      fileOf({ x: { ...f32(0, 4), dtype: 'I64' } }, { data: 4 }),
      /'x' has type "I64", expected F64/,
    ],
    [
      'a type of the prototype',
      fileOf({ x: { ...f32(0, 4), dtype: 'toString' } }),
      /'x' has type "toString"/,
    ],
    ['too many bytes', fileOf({ x: f32(0, 8, [1]) }, { data: 8 }), /'x' has 8 bytes, but F32 \[1\] needs 4/],
    [
      'a size beyond all numbers',
      fileOf({ x: f32(0, 4, [2 ** 52, 2 ** 52]) }, { data: 4 }),
      /'x' has 4 bytes, but F32/,
    ],
    ['a shape that is no list', fileOf({ x: { ...f32(0, 4), shape: 1 } }, { data: 4 }), /'x' has shape 1/],
    ['half an element', fileOf({ x: f32(0, 4, [1.5]) }, { data: 4 }), /'x' has shape \[1\.5\]/],
    ['an entry that is null', fileOf({ x: null }), /'x' has type missing/],
    [
      'one name twice',
      fileOf(
        '{"x":{"dtype":"F32","shape":[],"data_offsets":[0,4]},"\\u0078" : {"dtype":"F32","shape":[],"data_offsets":[0,4]}}',
        { data: 4 },
      ),
      /tensor 'x' stands twice/,
    ],
    [
      'a name that would change the prototype',
      fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', { data: 4 }),
      /'__proto__': no tensor may have this name/,
    ],
    [
      'a header that is not UTF-8',
      Buffer.concat([fileOf('{"?"', { length: 6n }), Buffer.of(0xff, 0x7d)]),
      /header is not valid JSON/,
    ],
  ]
  test.each(cases)('%s', async (_, bytes, message) => {
    const found = await refusal(bytes)
    expect(found).toMatch(message)
    expect(found.startsWith(`${path}: `)).toBe(true)
    expect(found).not.toContain('\n')
  })

  test('cut at every byte', async () => {
    await writeSafetensors(path, { a: ndarray([1, 2], [2]), b: ndarray([3], [1, 1]) })
    const whole = readFileSync(path)
    for (let length = 0; length < whole.length; length++) {
      expect(await refusal(whole.subarray(0, length))).toMatch(/truncated|claims|outside the file's/)
    }
    expect(await refusal(whole)).toBe('accepted')
  })

  test('a tensor that is left out may be of any type, within its bytes', async () => {
    const mask = { dtype: 'U8', shape: [4], data_offsets: [4, 8] }
    const read = (data: number) => {
      writeFileSync(path, fileOf({ a: f32(0, 4), mask }, { data }))
      return readSafetensors(path, { leaveOut: (name) => name === 'mask' })
    }
    expect(Object.keys((await read(8)).tensors)).toEqual(['a'])
    await expect(read(6)).rejects.toThrow(/'mask' lies at bytes 4 to 8, outside/)
    await expect(read(9)).rejects.toThrow(/take 8 bytes, but 9 follow/)
    expect(await refusal(readFileSync(path))).toMatch(/'mask' has type "U8", expected F64/)
  })

  test('the order of the header does not matter', async () => {
    expect(await refusal(fileOf({ b: f32(4, 8), a: f32(0, 4) }, { data: 8 }))).toBe('accepted')
  })

  test('a name in a text of the metadata is no tensor', async () => {
    expect(await refusal(fileOf({ __metadata__: { x: '"x":{' }, x: f32(0, 4) }, { data: 4 }))).toBe(
      'accepted',
    )
  })

  test('garbage never gets through', async () => {
    const any = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map((text) => fileOf(text)),
      fc
        .tuple(fc.nat({ max: 7 }), fc.uint8Array({ maxLength: 64 }))
        .map(([length, bytes]) => Buffer.concat([Buffer.of(length, 0, 0, 0, 0, 0, 0, 0), bytes])),
    )
    await fc.assert(
      fc.asyncProperty(any, async (bytes) => {
        const found = await refusal(bytes)
        if (found !== 'accepted') expect(found.startsWith(`${path}: `)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  test('a flipped byte is refused, or changes values and names only', async () => {
    await writeSafetensors(path, { a: ndarray([1, 2], [2]) })
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length; at++) {
      for (const bit of [1, 32, 128]) {
        const bytes = Buffer.from(whole)
        bytes[at]! ^= bit
        const found = await refusal(bytes)
        if (found === 'accepted') {
          const { tensors } = await readSafetensors(path)
          const sizes = Object.values(tensors).map(({ data }) => data.length)
          expect(sizes).toEqual([2])
        } else expect(found.startsWith(`${path}: `)).toBe(true)
      }
    }
  })
})

test('a file that is not there, and a folder', async () => {
  await expect(readSafetensors(join(folder, 'nowhere'))).rejects.toThrow(/nowhere: there is no such file/)
  await expect(readSafetensors(folder)).rejects.toThrow(`${folder}: not a file`)
})

describe('an atomic write', () => {
  test('that fails midway leaves the old file whole and nothing beside it', async () => {
    const file = join(folder, 'kept.txt')
    await writeFileAtomic(file, ['old'])
    const parts = function* () {
      yield 'new'
      throw new Error('no more')
    }
    await expect(writeFileAtomic(file, parts())).rejects.toThrow(`${file}: no more`)
    expect(readFileSync(file, 'utf8')).toBe('old')
    expect(readdirSync(folder).filter((name) => name.includes('tmp'))).toEqual([])
  })

  test('into a folder that is not there says which file', async () => {
    await expect(writeFileAtomic(join(folder, 'no', 'file'), ['x'])).rejects.toThrow(/no\/file: /)
  })
})
