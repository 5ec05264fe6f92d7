import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../errors.ts'
import { readLog } from '../run/jsonl.ts'

/** One value of one metric, named `<stage>/<metric>` (of control, which has no stages, `<metric>`), at a step and a time in milliseconds since 1970. */
export interface MetricPoint {
  readonly name: string
  readonly value: number
  readonly step: number
  readonly time: number
}

/** All numbers that a run logged, stage by stage. Throws when the folder holds none. */
export async function metricPoints(run: string): Promise<MetricPoint[]> {
  const entries = await readdir(run, { withFileTypes: true }).catch(() => [])
  const stages = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const logs = [
    { path: join(run, 'metrics.jsonl'), prefix: '' },
    ...stages.sort().map((stage) => ({ path: join(run, stage, 'metrics.jsonl'), prefix: `${stage}/` })),
  ]
  const points = (await Promise.all(logs.map(logPoints))).flat()
  if (points.length > 0) return points
  throw new UserError(
    `${run} holds no metrics.jsonl, nor any <stage>/metrics.jsonl; give the folder of a run, such as runs/quickstart`,
  )
}

async function logPoints({ path, prefix }: { path: string; prefix: string }): Promise<MetricPoint[]> {
  const rows = await readLog(path)
  const last = rows.at(-1)
  if (!last) return []
  // rows count the seconds since the training began, where they do; the file was written at the last of them
  const began = (await stat(path)).mtimeMs - 1000 * Number(last.seconds ?? 0)
  return rows.flatMap(({ step, seconds = 0, ...metrics }) =>
    Object.entries(metrics)
      .filter(([, value]) => typeof value !== 'string')
      .map(([metric, value]) => ({
        name: `${prefix}${metric}`,
        // JSON writes what is not a number as null
        value: value === null ? Number.NaN : (value as number),
        step: step as number,
        time: began + 1000 * Number(seconds),
      })),
  )
}
