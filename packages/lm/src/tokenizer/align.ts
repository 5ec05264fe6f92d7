import type { TokenPieces } from './pieces.ts'

const utf8 = new TextEncoder()
const space = 0x20

/** Where a token lies in the UTF-8 bytes of the text it was made from. */
export interface TokenPlace {
  readonly start: number
  readonly end: number
}

/**
 * Finds every token of a text in its bytes. White space that a tokenizer adds in front of a text, or that a special token
 * swallows, belongs to no token. Throws when a token is not what the text holds, as after a normaliser that rewrites it.
 */
export function alignTokens(
  text: string,
  ids: readonly number[],
  tokenBytes: TokenPieces['tokenBytes'],
): TokenPlace[] {
  const bytes = utf8.encode(text)
  const places: TokenPlace[] = []
  let at = 0
  for (const [position, id] of ids.entries()) {
    const token = tokenBytes(id)
    const found = token === undefined ? unknownToken(bytes, at) : find(bytes, { token, at })
    if (found === undefined) {
      const rest = new TextDecoder().decode(bytes.subarray(at, at + 30))
      throw new Error(
        `token ${position} (id ${id}, '${new TextDecoder().decode(token)}') is not where the text goes on with '${rest}': the tokenizer rewrites texts, so its tokens cannot be traced back to them`,
      )
    }
    places.push(found)
    at = found.end
  }
  return places
}

function find(bytes: Uint8Array, { token, at }: { token: Uint8Array; at: number }): TokenPlace | undefined {
  for (let start = at; start <= bytes.length; start++) {
    if (startsWith(bytes, { token, at: start })) return { start, end: start + token.length }
    const added = token[0] === space ? token.subarray(1) : undefined
    if (added && startsWith(bytes, { token: added, at: start })) return { start, end: start + added.length }
    if (!isWhiteSpace(bytes[start])) return undefined
  }
  return undefined
}

/** An unknown character: one code point. */
function unknownToken(bytes: Uint8Array, at: number): TokenPlace {
  let end = at + 1
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end++
  return { start: at, end }
}

function startsWith(bytes: Uint8Array, { token, at }: { token: Uint8Array; at: number }): boolean {
  return at + token.length <= bytes.length && token.every((byte, i) => bytes[at + i] === byte)
}

function isWhiteSpace(byte: number | undefined): boolean {
  return byte !== undefined && (byte === space || (byte >= 9 && byte <= 13))
}
