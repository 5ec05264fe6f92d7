import { collectGarbage } from '#platform'
import type { Parameters } from '../ndarray.ts'

/** From so many bytes on it pays to look through JavaScript's heap for what can be freed. */
const large = 2 ** 27

/**
 * Empties a record of arrays that are not needed any more, and frees large ones now: programs' results lie in memory of
 * ONNX Runtime, which would otherwise stay until after the next run.
 */
export function discard(arrays: Parameters): void {
  if (emptied(arrays) >= large) collectGarbage()
}

/** Bytes of what the record held; in a function of its own, whose frame holds none of it while garbage is collected. */
function emptied(arrays: Parameters): number {
  let bytes = 0
  for (const [name, { data }] of Object.entries(arrays)) {
    bytes += data.byteLength
    delete arrays[name]
  }
  return bytes
}
