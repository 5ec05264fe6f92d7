/** Says something in passing on stderr. */
export function note(text: string): void {
  process.stderr.write(`  ${text}\n`)
}
