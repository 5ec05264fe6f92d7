/** A number as people write it in answers: a sign, thousands in commas, decimals. */
const numberPattern = /-?\d[\d,]*(?:\.\d+)?|-?\.\d+/g

/**
 * The final answer of a worked solution: the number behind the last `####` (GSM8K's mark), else behind the last `\boxed{`, else the
 * last number of the text; undefined without one.
 */
export function finalAnswer(text: string): number | undefined {
  const marked = text.includes('####') ? text.slice(text.lastIndexOf('####') + 4) : undefined
  const boxed = text.includes('\\boxed{') ? text.slice(text.lastIndexOf('\\boxed{') + 7) : undefined
  const first = (part: string) => numbersOf(part)[0]
  if (marked !== undefined) return first(marked)
  return boxed === undefined ? numbersOf(text).at(-1) : first(boxed)
}

/** Do two texts end in the same number? A text without a number agrees with nothing. */
export function sameAnswer(text: string, expected: string): boolean {
  const [ours, theirs] = [finalAnswer(text), finalAnswer(expected)]
  if (ours === undefined || theirs === undefined) return false
  return Math.abs(ours - theirs) <= 1e-9 * Math.max(1, Math.abs(theirs))
}

function numbersOf(text: string): number[] {
  return (text.match(numberPattern) ?? []).map((found) => Number(found.replaceAll(',', '')))
}
