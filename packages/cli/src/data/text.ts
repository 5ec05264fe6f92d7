import { UserError } from '../errors.ts'

/** Bytes of a file as text, without a byte-order mark. Throws with the file's name where they are not UTF-8. */
export function textOf(content: Uint8Array, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content)
  } catch {
    throw new UserError(`${path}: its bytes are not UTF-8; save it in that encoding`)
  }
}
