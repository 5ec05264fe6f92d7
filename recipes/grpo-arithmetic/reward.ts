/** 1 when the last number of the completion is the answer, else 0. */
export default function correct({
  completion,
  row,
}: {
  completion: string
  row: { answer?: unknown }
}): number {
  const numbers = completion.replaceAll(',', '').match(/-?\d+(\.\d+)?/g) ?? []
  return numbers.length > 0 && Number(numbers.at(-1)) === Number(row.answer) ? 1 : 0
}
