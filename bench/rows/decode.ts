import { medians, sideBySide } from '../sides.ts'
import { decoding } from '../workload.ts'
import { higher, lower, type Row } from './row.ts'

/** Speed and memory of greedy decoding. */
export async function decodingRows(): Promise<Row[]> {
  const { generate } = await sideBySide(['generate'])
  const tokens = decoding.batch * decoding.newTokens
  return [
    higher(
      { name: `decoding, 14 M GPT, batch ${decoding.batch}`, unit: 'tokens/s', limit: '≥ 2 × peer' },
      medians(generate, ({ seconds }) => tokens / seconds!),
    ),
    lower(
      { name: 'peak memory of decoding', unit: 'MB', limit: '≤ peer' },
      medians(generate, ({ peakMemory }) => peakMemory!),
    ),
  ]
}
