/** GPT-2's alphabet: every byte as a printable character, in the order in which vocabularies list them. */
export const byteAlphabet: readonly { readonly byte: number; readonly character: string }[] = alphabet()

function alphabet(): { byte: number; character: string }[] {
  const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)
  const printable = [...range(33, 126), ...range(161, 172), ...range(174, 255)]
  const others = range(0, 255).filter((byte) => !printable.includes(byte))
  return [
    ...printable.map((byte) => ({ byte, character: String.fromCharCode(byte) })),
    ...others.map((byte, i) => ({ byte, character: String.fromCharCode(256 + i) })),
  ]
}
