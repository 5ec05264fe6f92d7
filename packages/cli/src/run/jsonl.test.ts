import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { appendRow, readLog, truncateLog } from './jsonl.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-jsonl-'))
const path = join(folder, 'rows.jsonl')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a log is read up to its torn last line, and cut back to a step', async () => {
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
