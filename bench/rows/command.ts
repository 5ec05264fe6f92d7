import { firstStepTime, helpTime } from '../command.ts'
import { median } from '../ours/report.ts'
import type { Row } from './row.ts'

/** How long the command keeps a person waiting. */
export async function commandRows(): Promise<Row[]> {
  return [
    await within({ name: 'attune --help', unit: 'ms', limit: 300 }, helpTime),
    await within({ name: 'attune sft, to the first metrics', unit: 's', limit: 3 }, firstStepTime),
  ]
}

const repetitions = 5

async function within(
  { limit, ...heading }: { name: string; unit: string; limit: number },
  measure: () => Promise<number>,
): Promise<Row> {
  const times: number[] = []
  for (let i = 0; i < repetitions; i++) times.push(await measure())
  const ours = median(times)
  return { ...heading, ours, peer: null, ratio: limit / ours, limit: `≤ ${limit} ${heading.unit}` }
}
