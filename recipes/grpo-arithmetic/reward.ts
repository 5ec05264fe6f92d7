/** 1 when the first number of the completion is the answer, else 0. */
export default function correct({
  completion,
  row,
}: {
  completion: string
  row: { answer?: unknown }
}): number {
  const [number] = /-?\d+(\.\d+)?/.exec(completion) ?? []
  return number !== undefined && Number(number) === Number(row.answer) ? 1 : 0
}
