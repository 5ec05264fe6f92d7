import { type FileHandle, open } from 'node:fs/promises'
import { type FloatArray, ndarray, type Parameters, sizeOf } from '@attune/grad'
import { writeFileAtomic } from './files.ts'
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
  readonly dtype: keyof typeof decoders
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

/** Reads a safetensors file, strictly: every byte must belong to exactly one tensor of a known type. */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw new Error(
      cause.code === 'ENOENT' ? `${path}: there is no such file` : `${path}: ${cause.message}`,
      { cause },
    )
  })
  try {
    const { size } = await file.stat()
    const length = await headerLength(file, { path, size })
    const header = (await readExactly(file, { position: 8, length })).toString('utf8')
    const { entries, metadata } = parseHeader(header, { path, dataSize: size - 8 - length })
    const tensors: Parameters = {}
    for (const { name, dtype, shape, begin, end } of entries) {
      const bytes = await readExactly(file, { position: 8 + length + begin, length: end - begin })
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
  const length = (await readExactly(file, { position: 0, length: 8 })).readBigUInt64LE()
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
  text: string,
  { path, dataSize }: { path: string; dataSize: number },
): { entries: Entry[]; metadata: Record<string, string> } {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path}: the header is not valid JSON (${(cause as Error).message})`, { cause })
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw new Error(`${path}: the header is not a JSON object`)
  const { __metadata__: metadata = {}, ...named } = header as Record<string, unknown>
  const entries = Object.entries(named).map(([name, value]) => parseEntry(value, { name, path, dataSize }))
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
  return { entries, metadata: metadata as Record<string, string> }
}

function parseEntry(
  value: unknown,
  { name, path, dataSize }: { name: string; path: string; dataSize: number },
): Entry {
  const where = `${path}: tensor '${name}'`
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Record<string, unknown>
  if (typeof dtype !== 'string' || !Object.hasOwn(decoders, dtype)) {
    throw new Error(
      `${where} has type ${JSON.stringify(dtype)}, expected ${Object.keys(decoders).join(', ')}`,
    )
  }
  if (!isCounts(shape))
    throw new Error(`${where} has shape ${JSON.stringify(shape)}, expected a list of whole numbers`)
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw new Error(`${where} has data_offsets ${JSON.stringify(offsets)}, expected [begin, end]`)
  }
  const [begin, end] = offsets as [number, number]
  if (end < begin || end > dataSize)
    throw new Error(`${where} lies at bytes ${begin} to ${end}, outside the file's ${dataSize} data bytes`)
  const type = dtype as Entry['dtype']
  const expected = sizeOf(shape) * elementSize[type]
  if (end - begin !== expected) {
    throw new Error(`${where} has ${end - begin} bytes, but ${dtype} [${shape}] needs ${expected}`)
  }
  return { name, dtype: type, shape, begin, end }
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0)
}

async function readExactly(
  file: FileHandle,
  { position, length }: { position: number; length: number },
): Promise<Buffer> {
  const buffer = Buffer.from(new ArrayBuffer(length))
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0)
      throw new Error(`the file ends at byte ${position + done}, expected ${position + length}`)
    done += bytesRead
  }
  return buffer
}

/** The bytes as a buffer of their own when they do not start on a multiple of eight. */
function aligned(bytes: Uint8Array): ArrayBuffer {
  const isWhole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength
  return (isWhole ? bytes.buffer : bytes.slice().buffer) as ArrayBuffer
}
