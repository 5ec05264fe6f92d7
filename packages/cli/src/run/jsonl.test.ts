import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { UserError } from '../errors.ts'
import { appendRow, readLog, readRows, readTexts, truncateLog, writeRows } from './jsonl.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-jsonl-'))
const path = join(folder, 'rows.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true })

test('rows are read as they were written; blank lines count but are no rows', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1 }), async (rows) => {
      await writeRows(path, rows)
      expect((await readRows(path)).map(({ row }) => row)).toEqual(JSON.parse(JSON.stringify(rows)))
    }),
    { numRuns: 50 },
  )
  writeFileSync(path, '\ufeff{"a":1}\r\n\r\n  \n{"a":2}')
  expect(await readRows(path)).toEqual([
    { line: 1, row: { a: 1 } },
    { line: 4, row: { a: 2 } },
  ])
})

test.each([
  ['', /rows\.jsonl: the file has no rows/],
  ['\n \n', /rows\.jsonl: the file has no rows/],
  ['{"a":1}\n{"a":', /rows\.jsonl:2: not valid JSON/],
  ['{"a":1}\n\n[1]', /rows\.jsonl:3: expected a JSON object, found \[1\]/],
  ['null', /rows\.jsonl:1: expected a JSON object, found null/],
  ['{"a":1}\n{"prompt":7}', /rows\.jsonl:1: field 'prompt' is undefined, expected a text; .* here are a/],
  ['{"prompt":"x"}\n{"prompt":7}', /rows\.jsonl:2: field 'prompt' is 7, expected a text/],
])('%j gets one message with its line', async (text, message) => {
  writeFileSync(path, text)
  const reading = readTexts(path, ['prompt'])
  await expect(reading).rejects.toThrow(message)
  await expect(reading).rejects.toBeInstanceOf(UserError)
})

test('garbage is refused with file and line, or is rows', async () => {
  const garbage = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.uint8Array(),
    fc.array(fc.json()).map((lines) => lines.join('\n')),
  )
  await fc.assert(
    fc.asyncProperty(garbage, async (content) => {
      writeFileSync(path, content)
      const found = await readRows(path).catch((error: Error) => error.message)
      if (typeof found === 'string') expect(found).toMatch(/rows\.jsonl(:\d+)?: /)
      else expect(found.length).toBeGreaterThan(0)
    }),
    { numRuns: 200 },
  )
})

test('a file that is not there, and a folder', async () => {
  await expect(readRows(join(folder, 'no'))).rejects.toThrow(/no: there is no such file/)
  await expect(readRows(folder)).rejects.toThrow(`${folder}: EISDIR`)
})

test('a log is read up to its torn last line, and cut back to a step', async () => {
  rmSync(path)
  expect(await readLog(path)).toEqual([])
  for (const step of [1, 2, 3]) await appendRow(path, { step })
  writeFileSync(path, `${readFileSync(path, 'utf8')}{"step":4,"lo`)
  expect(await readLog(path)).toEqual([{ step: 1 }, { step: 2 }, { step: 3 }])
  await truncateLog(path, 2)
  expect(readFileSync(path, 'utf8')).toBe('{"step":1}\n{"step":2}\n')
})

const full = existsSync('/dev/full')
if (!full) console.warn('skipped: this system has no /dev/full')

test.skipIf(!full)('a full disk is one message', async () => {
  await expect(appendRow('/dev/full', { step: 1 })).rejects.toThrow('/dev/full: the disk is full')
})
