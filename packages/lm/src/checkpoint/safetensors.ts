import { type FileHandle, open } from 'node:fs/promises'
import { type FloatArray, ndarray, type Parameters, sizeOf } from '@attune/grad'
import { fileError, readExactly, writeFileAtomic } from './files.ts'
import { fromBrain, fromHalf, toBrain, toHalf } from './half.ts'

/** Contents of a safetensors file; every element type is widened to float32. */
export interface SafetensorsFile {
  readonly tensors: Parameters
  readonly metadata: Readonly<Record<string, string>>
}

/** Element types that can be written. */
export type StoredType = 'F32' | 'F16' | 'BF16'

interface Entry {
  readonly name: string
  /** Undefined for what is left out. */
  readonly dtype: keyof typeof decoders | undefined
  readonly shape: readonly number[]
  readonly begin: number
  readonly end: number
}

const decoders = {
  F64: (bytes: Uint8Array) => Float32Array.from(new Float64Array(aligned(bytes))),
  F32: (bytes: Uint8Array) => new Float32Array(aligned(bytes)),
  F16: (bytes: Uint8Array) => fromHalf(new Uint16Array(aligned(bytes))),
  BF16: (bytes: Uint8Array) => fromBrain(new Uint16Array(aligned(bytes))),
}

const elementSize = { F64: 8, F32: 4, F16: 2, BF16: 2 }

const largestHeader = 100_000_000

interface ReadOptions {
  /** Tensors that are not read, and may be of any type. */
  readonly leaveOut?: (name: string) => boolean
}

interface HeaderOptions extends Required<ReadOptions> {
  readonly path: string
  readonly dataSize: number
}

/** Reads a safetensors file, strictly: every byte must belong to exactly one tensor, of a known type where it is read. Throws with file and tensor. */
export async function readSafetensors(
  path: string,
  { leaveOut = () => false }: ReadOptions = {},
): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((cause) => {
    throw fileError(path, cause)
  })
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error(`${path}: not a file`)
    const { size } = stats
    const length = await headerLength(file, { path, size })
    const header = await readExactly(file, { path, position: 8, length })
    const { entries, metadata } = parseHeader(header, { path, dataSize: size - 8 - length, leaveOut })
    const tensors: Parameters = {}
    for (const { name, dtype, shape, begin, end } of entries) {
      if (dtype === undefined) continue
      const bytes = await readExactly(file, { path, position: 8 + length + begin, length: end - begin })
      tensors[name] = ndarray(decoders[dtype](bytes), shape)
    }
    return { tensors, metadata }
  } finally {
    await file.close()
  }
}

/** Writes tensors in name order under a temporary name, then renames the file. */
export async function writeSafetensors(
  path: string,
  tensors: Parameters,
  {
    dtype = 'F32',
    metadata = { format: 'pt' },
  }: { dtype?: StoredType; metadata?: Record<string, string> } = {},
): Promise<void> {
  const names = Object.keys(tensors).sort()
  const header: Record<string, unknown> = { __metadata__: metadata }
  let offset = 0
  for (const name of names) {
    const { shape } = tensors[name]!
    const end = offset + sizeOf(shape) * elementSize[dtype]
    header[name] = { dtype, shape, data_offsets: [offset, end] }
    offset = end
  }
  const text = JSON.stringify(header)
  const padded = Buffer.from(text + ' '.repeat((8 - (Buffer.byteLength(text) % 8)) % 8))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  await writeFileAtomic(path, [length, padded, ...names.map((name) => encoded(tensors[name]!, dtype))])
}

function encoded({ data }: FloatArray, dtype: StoredType): Uint8Array {
  const array = dtype === 'F32' ? data : dtype === 'F16' ? toHalf(data) : toBrain(data)
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}

async function headerLength(
  file: FileHandle,
  { path, size }: { path: string; size: number },
): Promise<number> {
  if (size < 8) throw new Error(`${path}: ${size} bytes are too few for a safetensors file; is it truncated?`)
  const length = (await readExactly(file, { path, position: 0, length: 8 })).readBigUInt64LE()
  if (length > BigInt(largestHeader)) {
    throw new Error(
      `${path}: the header claims ${length} bytes, more than the ${largestHeader} that are allowed`,
    )
  }
  if (length > BigInt(size - 8)) {
    throw new Error(
      `${path}: the header claims ${length} bytes, but only ${size - 8} follow; the file is truncated`,
    )
  }
  return Number(length)
}

function parseHeader(
  bytes: Uint8Array,
  options: HeaderOptions,
): { entries: Entry[]; metadata: Record<string, string> } {
  const { path, dataSize } = options
  let text: string
  let header: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    header = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path}: the header is not valid JSON (${(cause as Error).message})`, { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new Error(`${path}: the header is not a JSON object`)
  const twice = repeatedName(text)
  if (twice !== undefined) throw new Error(`${path}: tensor '${twice}' stands twice in the header`)
  const { __metadata__: metadata = {}, ...named } = header as Record<string, unknown>
  if (!isTexts(metadata))
    throw new Error(`${path}: __metadata__ is ${shown(metadata)}, expected texts by name`)
  const entries = Object.entries(named).map(([name, value]) => parseEntry(value, { name, ...options }))
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
  let offset = 0
  for (const { name, begin, end } of entries) {
    if (begin !== offset) {
      const problem =
        begin < offset ? 'overlaps the tensor before it' : 'leaves a gap after the tensor before it'
      throw new Error(
        `${path}: tensor '${name}' starts at byte ${begin} and ${problem}, which ends at ${offset}`,
      )
    }
    offset = end
  }
  if (offset !== dataSize)
    throw new Error(`${path}: the tensors take ${offset} bytes, but ${dataSize} follow the header`)
  return { entries, metadata }
}

function parseEntry(
  value: unknown,
  { name, path, dataSize, leaveOut }: HeaderOptions & { readonly name: string },
): Entry {
  const where = `${path}: tensor '${name}'`
  if (name === '__proto__') throw new Error(`${where}: no tensor may have this name`)
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  const type =
    typeof dtype === 'string' && Object.hasOwn(decoders, dtype) ? (dtype as keyof typeof decoders) : undefined
  if (!type && !leaveOut(name)) {
    throw new Error(`${where} has type ${shown(dtype)}, expected ${Object.keys(decoders).join(', ')}`)
  }
  if (!isCounts(shape))
    throw new Error(`${where} has shape ${shown(shape)}, expected a list of whole numbers`)
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`${where} has data_offsets ${shown(offsets)}, expected [begin, end]`)
  }
  const [begin, end] = offsets as [number, number]
  if (end < begin || end > dataSize)
    throw new Error(`${where} lies at bytes ${begin} to ${end}, outside the file's ${dataSize} data bytes`)
  const expected = type && sizeOf(shape) * elementSize[type]
  if (type && end - begin !== expected) {
    throw new Error(`${where} has ${end - begin} bytes, but ${type} [${shape}] needs ${expected}`)
  }
  return { name, dtype: leaveOut(name) ? undefined : type, shape, begin, end }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

function isTexts(value: unknown): value is Record<string, string> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === 'string')
  )
}

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'missing'
}

/** A name that stands twice at the top of a valid JSON object, of which `JSON.parse` keeps the last only. */
function repeatedName(json: string): string | undefined {
  const names = new Set<string>()
  let depth = 0
  for (const [token, text, colon] of json.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[[\]{}]/g)) {
    if (token === '{' || token === '[') depth++
    else if (token === '}' || token === ']') depth--
    else if (depth === 1 && colon) {
      const name = JSON.parse(text!) as string
      if (names.has(name)) return name
      names.add(name)
    }
  }
  return undefined
}

/** The bytes as a buffer of their own when they do not start on a multiple of eight. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return (isWhole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer
}
