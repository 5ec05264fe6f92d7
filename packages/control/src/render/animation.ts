import { crc32 } from 'node:zlib'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)

/** Where the header says how colours are kept. */
const colourType = 9

interface Chunk {
  readonly type: string
  readonly data: Uint8Array
}

/**
 * PNG files of one size as one animated PNG that repeats for ever (PNG third edition, §11.3.6): browsers play it, and where it is not
 * known the first frame is shown. Throws a `RangeError` when there is no frame, one of another size or colour type, or one with a
 * palette, and for a pace below 1/65 or above 1000 frames a second.
 */
export function animatedPng(
  frames: readonly Uint8Array[],
  { framesPerSecond }: { readonly framesPerSecond: number },
): Uint8Array {
  if (!(framesPerSecond >= 1 / 65 && framesPerSecond <= 1000))
    throw new RangeError(`${framesPerSecond} frames a second: expected 1/65 to 1000`)
  const pictures = frames.map(chunks)
  const header = pictures[0]?.[0]?.data
  if (!header) throw new RangeError('there is no frame to animate')
  let sequence = 0
  const parts: Chunk[] = [
    { type: 'IHDR', data: header },
    { type: 'acTL', data: words(frames.length, 0) },
  ]
  pictures.forEach((picture, frame) => {
    const own = picture[0]!.data
    if (own.some((byte, i) => byte !== header[i]))
      throw new RangeError(`frame ${frame} is of another size or colour type than frame 0`)
    parts.push({ type: 'fcTL', data: control(sequence++, header, framesPerSecond) })
    for (const { type, data } of picture)
      if (type === 'IDAT')
        parts.push(frame === 0 ? { type, data } : { type: 'fdAT', data: joined([words(sequence++), data]) })
  })
  return joined([signature, ...[...parts, { type: 'IEND', data: new Uint8Array() }].map(encoded)])
}

/** A frame's place and time: all of the picture, for 1/framesPerSecond (in thousandths of a second), over what was there. */
function control(sequence: number, header: Uint8Array, framesPerSecond: number): Uint8Array {
  const delay = Math.round(1000 / framesPerSecond)
  return joined([
    words(sequence),
    header.subarray(0, 8),
    words(0, 0),
    Uint8Array.of(delay >> 8, delay & 255, 1000 >> 8, 1000 & 255, 0, 0),
  ])
}

/** A file's chunks, the header first. */
function chunks(file: Uint8Array): Chunk[] {
  if (signature.some((byte, i) => file[i] !== byte)) throw new RangeError('a frame is not a PNG file')
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const found: Chunk[] = []
  for (let at = signature.length; at < file.length; ) {
    const length = at + 12 <= file.length ? view.getUint32(at) : Infinity
    if (at + 12 + length > file.length) throw new RangeError('a frame is cut off in the middle')
    const type = String.fromCharCode(...file.subarray(at + 4, at + 8))
    found.push({ type, data: file.subarray(at + 8, at + 8 + length) })
    at += 12 + length
  }
  if (found[0]?.type !== 'IHDR') throw new RangeError('a frame has no header')
  if (found[0].data[colourType] === 3) throw new RangeError('a frame has a palette, which is not animated')
  return found
}

function encoded({ type, data }: Chunk): Uint8Array {
  const named = joined([new TextEncoder().encode(type), data])
  return joined([words(data.length), named, words(crc32(named))])
}

/** Big-endian 32-bit numbers. */
function words(...numbers: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * numbers.length)
  const view = new DataView(bytes.buffer)
  for (const [i, number] of numbers.entries()) view.setUint32(4 * i, number)
  return bytes
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
