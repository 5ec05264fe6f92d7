import { byteAlphabet } from './bytes.ts'

const utf8 = new TextEncoder()
const byteOf = new Map(byteAlphabet.map(({ byte, character }) => [character, byte]))

/** What single tokens are. */
export interface TokenPieces {
  /** The bytes of text that a token stands for; undefined for the unknown token and for ids that no token has. */
  readonly tokenBytes: (id: number) => Uint8Array | undefined
  /** Is it a special token, such as the end of text? */
  readonly isSpecial: (id: number) => boolean
}

interface AddedToken {
  readonly id: number
  readonly content: string
  readonly special?: boolean
}

/** What the tokens of a `tokenizer.json` stand for: bytes in GPT-2's alphabet, or text with `▁` for a space and `<0xAB>` for a byte. */
export function tokenPieces(json: object, tokenOf: (id: number) => string | undefined): TokenPieces {
  const {
    added_tokens: added,
    model,
    decoder,
    pre_tokenizer,
  } = json as {
    added_tokens: readonly AddedToken[]
    model: { type?: string; unk_token?: string | null; continuing_subword_prefix?: string | null }
    decoder: unknown
    pre_tokenizer: unknown
  }
  const addedById = new Map(added.map((token) => [token.id, token]))
  const byteLevel = JSON.stringify([decoder, pre_tokenizer]).includes('"ByteLevel"')
  const prefix = model.continuing_subword_prefix || undefined
  return {
    isSpecial: (id) => addedById.get(id)?.special ?? false,
    tokenBytes: (id) => {
      const token = tokenOf(id)
      if (token === undefined || token === model.unk_token) return undefined
      if (addedById.has(id)) return utf8.encode(token)
      if (byteLevel) return Uint8Array.from([...token].map((character) => byteOf.get(character) ?? 0))
      if (/^<0x[0-9A-F]{2}>$/.test(token)) return Uint8Array.of(Number.parseInt(token.slice(3, 5), 16))
      return utf8.encode(
        (prefix && token.startsWith(prefix) ? token.slice(prefix.length) : token).replaceAll('▁', ' '),
      )
    },
  }
}
