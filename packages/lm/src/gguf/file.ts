import { open } from 'node:fs/promises'
import { type FloatArray, ndarray, type Parameters } from '@attune/grad'
import { gguf } from '@huggingface/gguf'
import { fileError, readExactly } from '../checkpoint/files.ts'
import { blockFormats, dequantise } from './blocks.ts'

/** Contents of a GGUF file: metadata by key, and every tensor widened to float32 with its rows first. */
export interface GgufFile {
  readonly metadata: Readonly<Record<string, unknown>>
  readonly tensors: Parameters
}

interface StoredTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: number
  /** Byte at which it begins in the file. */
  readonly begin: number
}

/** Reads a GGUF file and dequantises its tensors. Throws with the file and the tensor that is wrong. */
export async function readGguf(path: string): Promise<GgufFile> {
  const file = await open(path, 'r').catch((cause) => {
    throw fileError(path, cause)
  })
  try {
    const { size } = await file.stat()
    const { metadata, stored } = await readHeader(path, size)
    const tensors: Parameters = {}
    for (const tensor of stored) {
      const { format, length } = layoutOf(tensor, { path, size })
      const bytes = await readExactly(file, { path, position: tensor.begin, length })
      tensors[tensor.name] = ndarray(dequantise(bytes, format), tensor.shape) as FloatArray
    }
    return { metadata, tensors }
  } finally {
    await file.close()
  }
}

async function readHeader(
  path: string,
  size: number,
): Promise<{ metadata: Readonly<Record<string, unknown>>; stored: StoredTensor[] }> {
  try {
    const { metadata, tensorInfos, tensorDataOffset } = await gguf(path, { allowLocalFile: true })
    // the parser reads zeros beyond the end
    if (Number(tensorDataOffset) > size) throw new RangeError(`its header does not fit in ${size} bytes`)
    const stored = tensorInfos.map(({ name, shape, dtype, offset }) => ({
      name,
      shape: shape.map(Number).reverse(),
      type: dtype,
      begin: Number(tensorDataOffset + offset),
    }))
    return { metadata: { ...metadata }, stored }
  } catch (cause) {
    throw new Error(
      `${path}: not a GGUF file, or a truncated one (${(cause as Error).message}); download it again`,
      { cause },
    )
  }
}

/** Format and bytes of a tensor. Throws when the type is not known or the file ends before it. */
function layoutOf(
  { name, shape, type, begin }: StoredTensor,
  { path, size }: { path: string; size: number },
) {
  const format = blockFormats.get(type)
  const known = [...blockFormats.values()].map((each) => each.name).join(', ')
  if (!format) throw new Error(`${path}: tensor '${name}' has ggml's type ${type}; expected one of ${known}`)
  const count = shape.reduce((product, extent) => product * extent, 1)
  if (!Number.isSafeInteger(count) || count <= 0 || shape.at(-1)! % format.values !== 0)
    throw new Error(
      `${path}: tensor '${name}' is [${shape}], expected rows of whole ${format.name} blocks of ${format.values}`,
    )
  const length = (count / format.values) * format.bytes
  if (begin + length > size)
    throw new Error(
      `${path}: tensor '${name}' ends at byte ${begin + length}, but the file has ${size}: it is truncated, download it again`,
    )
  return { format, length }
}
