import type { Row } from './rows/row.ts'

/** The rows as a Markdown table, numbers to three digits. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['what', 'ours', 'peer', 'unit', 'ratio', 'limit'],
    ['---', '--:', '--:', '---', '--:', '---'],
    ...rows.map(({ name, ours, peer, unit, ratio, limit }) => [
      name,
      digits(ours),
      digits(peer),
      unit,
      digits(ratio),
      limit,
    ]),
  ]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function digits(value: number | null): string {
  if (value === null) return '–'
  return value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}
