import { collectGarbage } from '#platform'
import type { Parameters } from '../ndarray.ts'

/** From so many bytes on it pays to look through JavaScript's heap for what can be freed. */
const large = 2 ** 27

/**
 * Empties a record of arrays that are not needed any more, and frees large ones now: programs' results lie in memory of
 * ONNX Runtime, which would otherwise stay until after the next run.
 */
export function discard(arrays: Parameters): void {
  let bytes = 0
  for (const [name, { data }] of Object.entries(arrays)) {
    bytes += data.byteLength
    delete arrays[name]
  }
  if (bytes >= large) collectGarbage()
}
