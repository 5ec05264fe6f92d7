import { open, readFile } from 'node:fs/promises'
import { fileError } from '@attune/lm'
import { UserError } from '../../errors.ts'

/** Appends a line and, unless `sync` is false, waits until it is on the disk; a torn line before it is closed first. */
export function appendDurably(path: string, row: object, options: { sync?: boolean } = {}): Promise<void> {
  return appendAll(path, [row], options)
}

/** Appends lines in one write, as `appendDurably` does. */
export async function appendAll(
  path: string,
  rows: readonly object[],
  { sync = true }: { sync?: boolean } = {},
): Promise<void> {
  const file = await open(path, 'a+').catch((cause) => {
    throw fileError(path, cause)
  })
  try {
    const { size } = await file.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await file.read(last, 0, 1, size - 1)
    const torn = size > 0 && last.toString() !== '\n'
    await file.appendFile((torn ? '\n' : '') + rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
    if (sync) await file.sync()
  } catch (cause) {
    throw fileError(path, cause as Error)
  } finally {
    await file.close()
  }
}

/** Lines of JSON with their numbers; a torn line is left out, any other that is no JSON is an error, and a file that is not there is empty. */
export async function readLines(path: string): Promise<{ value: unknown; line: number }[]> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return ''
    throw fileError(path, cause)
  })
  const lines = text.split('\n')
  return lines.flatMap((line, i) => {
    if (line.trim() === '') return []
    try {
      return [{ value: JSON.parse(line) as unknown, line: i + 1 }]
    } catch (cause) {
      if (isTorn(line)) return [] // by a kill: it was never acknowledged
      throw new UserError(
        `${path}, line ${i + 1} is damaged (${(cause as Error).message}); mend it, or take it out, and start again`,
      )
    }
  })
}

/** Is it the beginning of an object that does not end: within a text, or with a brace still open? */
function isTorn(line: string): boolean {
  if (!line.startsWith('{')) return false
  let [depth, inText] = [0, false]
  for (let i = 0; i < line.length; i++) {
    const character = line[i]
    if (inText && character === '\\') i++
    else if (character === '"') inText = !inText
    else if (!inText && character === '{') depth++
    else if (!inText && character === '}') depth--
  }
  return inText || depth > 0
}
