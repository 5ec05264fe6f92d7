import type { MetricPoint } from './points.ts'

/** TensorBoard's event file: one TFRecord for the version and one for every point, whose value is a float32. */
export function eventFile(points: readonly MetricPoint[]): Uint8Array {
  const version = [double(1, (points[0]?.time ?? 0) / 1000), bytes(3, text('brain.Event:2'))]
  return joined([version, ...points.map(scalarEvent)].map((fields) => record(joined(fields))))
}

/** Event{wall_time = 1, step = 2, summary = 5: Summary{value = 1: Value{tag = 1, simple_value = 2}}}. */
function scalarEvent({ name, value, step, time }: MetricPoint): Uint8Array[] {
  const summary = bytes(1, joined([bytes(1, text(name)), float(2, value)]))
  return [double(1, time / 1000), joined([key(2, wire.varint), varint(step)]), bytes(5, summary)]
}

/** A TFRecord: length, its checksum, data, its checksum; little-endian. */
function record(data: Uint8Array): Uint8Array {
  const length = view(8, (out) => out.setBigUint64(0, BigInt(data.length), true))
  const checksum = (part: Uint8Array) => view(4, (out) => out.setUint32(0, masked(crc32c(part)), true))
  return joined([length, checksum(length), data, checksum(data)])
}

/** Rotated and shifted, so that the checksum of data that holds a checksum is a good one. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}

const polynomial = 0x82f63b78
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
  return crc
})

/** CRC-32C (Castagnoli), RFC 3720, appendix B.4. */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of data) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 0xff]!
  return ~crc >>> 0
}

/** How protocol buffers lay out a field. */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const

function key(field: number, type: number): Uint8Array {
  return Uint8Array.of((field << 3) | type)
}

function varint(value: number): Uint8Array {
  const out: number[] = []
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...out, Number(rest)])
    out.push(Number(rest & 127n) | 128)
  }
}

function double(field: number, value: number): Uint8Array {
  return joined([key(field, wire.fixed64), view(8, (out) => out.setFloat64(0, value, true))])
}

function float(field: number, value: number): Uint8Array {
  return joined([key(field, wire.fixed32), view(4, (out) => out.setFloat32(0, value, true))])
}

function bytes(field: number, data: Uint8Array): Uint8Array {
  return joined([key(field, wire.bytes), varint(data.length), data])
}

function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

function view(size: number, write: (out: DataView) => void): Uint8Array {
  const out = new Uint8Array(size)
  write(new DataView(out.buffer))
  return out
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}
