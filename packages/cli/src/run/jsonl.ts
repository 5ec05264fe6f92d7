import { open, readFile } from 'node:fs/promises'
import { fileError, writeFileAtomic } from '@attune/lm'
import { textOf } from '../data/text.ts'
import { UserError } from '../errors.ts'

/** A text file, without a byte-order mark. Throws with its name when it cannot be read or is not UTF-8. */
export async function readTextFile(path: string): Promise<string> {
  const content = await readFile(path).catch((cause) => {
    throw new UserError(fileError(path, cause).message)
  })
  return textOf(content, path)
}

/** Records of an append-only log; a torn last line is left out, and a log that is not there is empty. */
export async function readLog(path: string): Promise<Record<string, number | string | null>[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })
}

/** Appends one record as a line; of a line that cannot be written whole nothing stays. */
export async function appendRow(path: string, row: object): Promise<void> {
  const file = await open(path, 'a').catch((cause) => {
    throw fileError(path, cause)
  })
  try {
    const { size } = await file.stat()
    try {
      await file.writeFile(`${JSON.stringify(row)}\n`)
    } catch (cause) {
      await file.truncate(size).catch(() => {})
      throw fileError(path, cause as Error)
    }
  } finally {
    await file.close()
  }
}

/** Writes all rows at once under a temporary name. */
export async function writeRows(path: string, rows: readonly object[]): Promise<void> {
  await writeFileAtomic(path, [rows.map((row) => `${JSON.stringify(row)}\n`).join('')])
}

/** Cuts an append-only log back to the records of steps up to `step`; a torn last line goes too. */
export async function truncateLog(path: string, step: number): Promise<void> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const kept = text.split('\n').filter((line) => {
    try {
      return (JSON.parse(line) as { step: number }).step <= step
    } catch {
      return false
    }
  })
  await writeFileAtomic(path, [kept.map((line) => `${line}\n`).join('')])
}
