import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import type { Judgment } from '../model/judgment.ts'
import { type FlatJudgment, flat, flatColumns } from './flat.ts'

/** Judgments as a Parquet file in pieces: one row group of `rows` judgments after another, so memory stays small. */
export async function* parquetChunks(
  judgments: AsyncIterable<Judgment> | Iterable<Judgment>,
  { rows = 10_000 }: { rows?: number } = {},
): AsyncGenerator<Uint8Array> {
  const output = new ByteWriter()
  const columns = (batch: readonly FlatJudgment[]) =>
    flatColumns.map((name) => ({
      name,
      data: batch.map((row) => row[name]),
      type: name === 'seconds' ? ('DOUBLE' as const) : ('STRING' as const),
      nullable: name === 'seconds',
    }))
  const schema = schemaFromColumnData({ columnData: columns([]) })
  const writer = new ParquetWriter({ writer: output, schema })
  const taken = () => {
    const bytes = new Uint8Array(output.getBuffer()).slice()
    output.index = 0
    return bytes
  }
  let batch: FlatJudgment[] = []
  const flush = async () => {
    await writer.write({ columnData: columns(batch), rowGroupSize: rows })
    batch = []
  }
  for await (const judgment of judgments) {
    batch.push(flat(judgment))
    if (batch.length < rows) continue
    await flush()
    yield taken()
  }
  if (batch.length > 0) await flush()
  await writer.finish()
  yield taken()
}
