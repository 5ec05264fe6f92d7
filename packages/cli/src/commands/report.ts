import { join } from 'node:path'
import { writeFileAtomic } from '@attune/lm'
import { gatherReport, requireRun } from '../report/gather.ts'
import { renderReport } from '../report/page.ts'

/** Writes `report.html` of a run from its logs and results; returns the file's path. */
export async function writeReport(folder: string): Promise<string> {
  await requireRun(folder)
  const path = join(folder, 'report.html')
  await writeFileAtomic(path, [renderReport(await gatherReport(folder))])
  return path
}
