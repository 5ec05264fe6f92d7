import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { UserError } from '../errors.ts'
import { writeRows } from '../run/jsonl.ts'
import { readTable } from './read.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-read-'))
const file = (name: string) => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Rows and places (without the folder) of a file with this content. */
async function read(name: string, content: string | Uint8Array) {
  writeFileSync(file(name), content)
  const rows = await readTable(file(name))
  return rows.map(({ where, row }) => [where.slice(folder.length + 1), row])
}

describe('JSON Lines', () => {
  const record = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true })

  test('rows are read as they were written; blank lines count but are no rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(record, { minLength: 1 }), async (rows) => {
        await writeRows(file('rows.jsonl'), rows)
        expect((await readTable(file('rows.jsonl'))).map(({ row }) => row)).toEqual(
          JSON.parse(JSON.stringify(rows)),
        )
      }),
      { numRuns: 50 },
    )
    expect(await read('rows.jsonl', '\ufeff{"a":1}\r\n\r\n  \n{"a":2}')).toEqual([
      ['rows.jsonl:1', { a: 1 }],
      ['rows.jsonl:4', { a: 2 }],
    ])
  })

  test('a bare text is a prompt', async () => {
    expect(await read('rows.jsonl', '"why?"\n"how?"')).toEqual([
      ['rows.jsonl:1', { prompt: 'why?' }],
      ['rows.jsonl:2', { prompt: 'how?' }],
    ])
  })

  test.each([
    ['', /rows\.jsonl: the file has no rows/],
    ['\n \n', /rows\.jsonl: the file has no rows/],
    ['{"a":1}\n{"a":', /rows\.jsonl:2: not valid JSON/],
    ['{"a":1}\n\n[1]', /rows\.jsonl:3: expected a JSON object, found \[1\]/],
    ['null', /rows\.jsonl:1: expected a JSON object, found null/],
  ])('%j gets one message with its line', async (text, message) => {
    const reading = read('rows.jsonl', text)
    await expect(reading).rejects.toThrow(message)
    await expect(reading).rejects.toBeInstanceOf(UserError)
  })
})

test.each(['jsonl', 'json', 'csv', 'parquet', 'jsonl.gz'])(
  'garbage in %s is refused with the file, or is rows',
  async (ending) => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.uint8Array(),
      fc.array(fc.json()).map((lines) => lines.join('\n')),
    )
    await fc.assert(
      fc.asyncProperty(garbage, async (content) => {
        writeFileSync(file(`rows.${ending}`), content)
        const found = await readTable(file(`rows.${ending}`)).catch((error: Error) => error)
        if (found instanceof Error) {
          expect(found).toBeInstanceOf(UserError)
          expect(found.message).toContain(`rows.${ending}`)
        } else expect(found.length).toBeGreaterThan(0)
      }),
      { numRuns: 100 },
    )
  },
)

describe('JSON', () => {
  const rows = [
    ['rows.json: row 1', { a: 1 }],
    ['rows.json: row 2', { a: 2 }],
  ]
  test.each([
    ['a list', '[{"a":1},\n{"a":2}]', rows],
    ['an object with one list', '{"version":1,"data":[{"a":1},{"a":2}]}', rows],
    [
      'JSON Lines by another name',
      '{"a":1}\n{"a":2}\n',
      rows.map(([, row], i) => [`rows.json:${i + 1}`, row]),
    ],
  ])('%s', async (_, text, expected) => expect(await read('rows.json', text)).toEqual(expected))

  test.each([
    ['{"a":1}', /rows\.json: expected a list of objects, .* found an object with a$/],
    ['[{"a":1},2]', /rows\.json: row 2: expected a JSON object, found 2/],
    ['[{"a":1}', /rows\.json: not valid JSON/],
    ['[]', /rows\.json: the file has no rows/],
  ])('%s', async (text, message) => await expect(read('rows.json', text)).rejects.toThrow(message))
})

describe('CSV', () => {
  test('quotes, new lines in cells, labels, margins and messages', async () => {
    const text = `\ufeffprompt,completion,label,margin
"a ""b"",
c",x,True,0.5
d,é,0,
`
    expect(await read('rows.csv', text)).toEqual([
      ['rows.csv:3', { prompt: 'a "b",\nc', completion: 'x', label: true, margin: 0.5 }],
      ['rows.csv:4', { prompt: 'd', completion: 'é', label: false }],
    ])
    const messages = [{ role: 'user', content: 'hi' }]
    expect(await read('rows.csv', `messages\n"${JSON.stringify(messages).replaceAll('"', '""')}"`)).toEqual([
      ['rows.csv:2', { messages }],
    ])
    expect(await read('rows.tsv', 'prompt\tcompletion\n"a\tb\n')).toEqual([
      ['rows.tsv:2', { prompt: '"a', completion: 'b' }],
    ])
  })

  test('cells that are no margin, and no yes or no, stay texts, which are refused later', async () => {
    expect(await read('rows.csv', 'margin,safety\nabc,true\n1e999,0\n,maybe\n')).toEqual([
      ['rows.csv:2', { margin: 'abc', safety: true }],
      ['rows.csv:3', { margin: '1e999', safety: false }],
      ['rows.csv:4', { safety: 'maybe' }],
    ])
  })

  test.each([
    ['a,b\n1', /rows\.csv:2: not valid CSV/],
    ['a,b\n1,2,3', /rows\.csv:2: not valid CSV/],
    ['a\n"x', /rows\.csv:2: not valid CSV/],
  ])('%j is refused with its line', async (text, message) => {
    await expect(read('rows.csv', text)).rejects.toThrow(message)
  })
})

describe('Parquet', () => {
  test('messages, numbers and missing values, as `datasets` writes them', async () => {
    const rows = await readTable('packages/cli/fixtures/preference.parquet')
    expect(rows).toHaveLength(3)
    expect(rows[1]).toEqual({
      where: 'packages/cli/fixtures/preference.parquet: row 2',
      row: {
        prompt: [{ role: 'user', content: 'Question 1? Größe 日本 😀' }],
        chosen: [{ role: 'assistant', content: 'Answer 1.' }],
        rejected: [{ role: 'assistant', content: 'No.' }],
        margin: 0.5,
        id: 1,
      },
    })
  })

  test.each(['gzip', 'zstd', 'brotli', 'none'])('compression %s', async (name) => {
    const rows = await readTable(`packages/cli/fixtures/thumbs-${name}.parquet`)
    expect(rows.map(({ row }) => row)).toEqual([
      { prompt: 'a', completion: 'x', label: true, score: 1 },
      { prompt: 'b', completion: 'y', label: false },
      { prompt: 'c', completion: 'z', label: true, score: 3 },
    ])
  })
})

describe('files', () => {
  test('gzip, whole and cut short', async () => {
    const zipped = gzipSync('{"a":1}\n{"a":2}')
    expect(await read('rows.jsonl.gz', zipped)).toEqual([
      ['rows.jsonl.gz:1', { a: 1 }],
      ['rows.jsonl.gz:2', { a: 2 }],
    ])
    await expect(read('rows.jsonl.gz', zipped.subarray(0, -6))).rejects.toThrow(
      /rows\.jsonl\.gz: not a whole gzip file/,
    )
  })

  test.each(['rows.jsonl', 'rows.json', 'rows.csv', 'rows.tsv'])('%s in Latin-1 is refused', async (name) => {
    await expect(read(name, Buffer.from('{"prompt":"Gr\xfc\xdfe"}', 'latin1'))).rejects.toThrow(
      `${name}: its bytes are not UTF-8`,
    )
  })

  test('what is not there, a folder, and an unknown ending', async () => {
    await expect(readTable(file('no.jsonl'))).rejects.toThrow(/no\.jsonl: there is no such file/)
    mkdirSync(file('folder.jsonl'))
    await expect(readTable(file('folder.jsonl'))).rejects.toThrow(/folder\.jsonl: EISDIR/)
    await expect(read('rows.xlsx', 'x')).rejects.toThrow(
      /a file ending in '\.xlsx' is not known; expected jsonl/,
    )
  })
})
