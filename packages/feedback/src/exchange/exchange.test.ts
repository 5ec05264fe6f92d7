import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { expect, test } from 'vitest'
import { type Judgment, judgmentSchema } from '../model/judgment.ts'
import { memoryStore } from '../store/memory/store.ts'
import { argillaItems, argillaJudgments, argillaRecords } from './argilla.ts'
import { csvLines } from './csv.ts'
import { leftOut } from './grouped.ts'
import { labelStudioItems, labelStudioJudgments, labelStudioTasks } from './label-studio.ts'
import { eventLines, eventsFromLines } from './lines.ts'
import { parquetChunks } from './parquet.ts'
import { trlPreference, trlPromptCompletion, trlUnpaired } from './trl.ts'

const context = { project: 'p', protocol: '1', time: '2026-01-01T00:00:00.000Z' }
const by = (id: string) => ({ ...context, annotator: { id, source: 'person' as const } })

const judgments: Judgment[] = [
  { ...by('ann'), item: 'a', kind: 'comparison', prompt: 'q', completions: ['x', 'y'], preferred: 1 },
  { ...by('bob'), item: 'a', kind: 'comparison', prompt: 'q', completions: ['x', 'y'], preferred: 'tie' },
  {
    ...by('cyd'),
    item: 'a',
    kind: 'comparison',
    prompt: 'q',
    completions: ['x', 'y'],
    preferred: 'both-bad',
  },
  { ...by('ann'), item: 'r', kind: 'ranking', prompt: 'q2', completions: ['x', 'y', 'z'], order: [2, 0, 1] },
  { ...by('ann'), item: 't', kind: 'binary', prompt: 'q3', completion: 'x', desirable: true },
  { ...by('ann'), item: 'g', kind: 'rating', prompt: 'q4', completion: 'x', rating: 4 },
]
const written: Judgment[] = [
  { ...by('ann'), item: 'e', kind: 'edit', prompt: 'q5', before: 'x', after: 'y' },
  {
    ...by('ann'),
    item: 'd',
    kind: 'demonstration',
    prompt: [{ role: 'user', content: 'hi' }],
    completion: 'hello',
  },
]

/** What those formats hold besides a plain answer. */
const richer: Judgment[] = [
  {
    ...by('dan'),
    item: 'm',
    kind: 'comparison',
    prompt: 'q6',
    completions: ['x', 'y'],
    preferred: 0,
    strength: 3,
    comment: 'much clearer',
  },
  {
    ...by('eve'),
    item: 'm',
    kind: 'comparison',
    prompt: 'q6',
    completions: ['x', 'y'],
    preferred: 1,
    strength: 1,
  },
  {
    ...by('ann'),
    item: 's',
    kind: 'rating',
    prompt: 'q7',
    completion: 'x',
    ratings: [
      { scale: 'truth', value: 2 },
      { scale: 'tone', value: 5 },
    ],
    comment: 'rude',
  },
  { ...by('ann'), item: 'c', kind: 'critique', prompt: 'q8', completion: 'x', text: 'too long' },
  { ...by('ann'), item: 'e', kind: 'edit', prompt: 'q9', before: 'x', after: 'y' },
  { ...by('ann'), item: 'd', kind: 'demonstration', prompt: 'q10', completion: 'as it should be' },
  {
    ...by('ann'),
    item: 'v',
    kind: 'violation',
    prompt: 'q11',
    completion: 'x',
    rule: 'kind',
    violated: true,
  },
  {
    ...by('ann'),
    item: 'k',
    kind: 'rule-check',
    prompt: 'q12',
    completion: 'x',
    checks: [
      { rule: 'kind', violated: false },
      { rule: 'true: always', violated: true },
    ],
  },
]

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const one of source) found.push(one)
  return found
}

test('TRL’s three types have its columns, with ties and both bad as they should be', async () => {
  const source = [...judgments, ...written]
  expect(await all(trlPreference(source))).toEqual([
    { prompt: 'q', chosen: 'y', rejected: 'x' },
    { prompt: 'q2', chosen: 'z', rejected: 'x' },
    { prompt: 'q2', chosen: 'z', rejected: 'y' },
    { prompt: 'q2', chosen: 'x', rejected: 'y' },
    { prompt: 'q5', chosen: 'y', rejected: 'x' },
  ])
  expect(await all(trlUnpaired(source))).toEqual([
    { prompt: 'q', completion: 'x', label: false },
    { prompt: 'q', completion: 'y', label: true },
    { prompt: 'q', completion: 'x', label: false },
    { prompt: 'q', completion: 'y', label: false },
    { prompt: 'q3', completion: 'x', label: true },
  ])
  expect(await all(trlPromptCompletion(source))).toEqual([
    { prompt: 'q5', completion: 'y' },
    {
      prompt: [{ role: 'user', content: 'hi' }],
      completion: [{ role: 'assistant', content: 'hello' }],
    },
  ])
})

test.each([
  [
    'Argilla',
    async (given: Judgment[]) => {
      const records = JSON.parse(JSON.stringify(await argillaRecords(given)))
      return { items: argillaItems(records), judgments: argillaJudgments(records, context) }
    },
  ],
  [
    'Label Studio',
    async (given: Judgment[]) => {
      const tasks = JSON.parse(JSON.stringify(await labelStudioTasks(given)))
      return { items: labelStudioItems(tasks), judgments: labelStudioJudgments(tasks, context) }
    },
  ],
])('%s’s JSON brings back what it took', async (_, trip) => {
  const back = await trip([...judgments, ...richer])
  expect(back.judgments).toEqual([...judgments, ...richer])
  expect(back.items.slice(0, 4).map(({ id }) => id)).toEqual(['a', 'r', 't', 'g'])
  expect(back.items[1]!.completions!.map(({ text }) => text)).toEqual(['x', 'y', 'z'])
})

test('what Argilla and Label Studio cannot hold is counted, and not in their files', async () => {
  const flag: Judgment = { ...by('ann'), item: 'a', kind: 'flag', reason: 'insult' }
  const clips: Judgment = {
    ...by('ann'),
    item: 'z',
    kind: 'clip-comparison',
    clips: ['one', 'two'],
    preferred: 0,
  }
  const given = [...judgments, flag, flag, clips]
  expect(await leftOut(given)).toEqual({ flag: 2, 'clip-comparison': 1 })
  expect(await argillaRecords(given)).toEqual(await argillaRecords(judgments))
  expect(await labelStudioTasks(given)).toEqual(await labelStudioTasks(judgments))
})

test('a task that names no item is the same in every file by its texts, not by its place', () => {
  const task = (prompt: string, item?: string) => ({
    data: { prompt, answer1: 'x', answer2: 'y', ...(item ? { item } : {}) },
    annotations: [],
  })
  const ids = (...tasks: ReturnType<typeof task>[]) => labelStudioItems(tasks).map(({ id }) => id)
  const [first, second] = ids(task('p'), task('q'))
  expect(ids(task('q'), task('r', 'named'), task('p'))).toEqual([second, 'named', first])
  expect(first).not.toBe(second)
})

test('of several scales each has its own raters, whatever it is called', () => {
  const responses = {
    'rating-tone': [{ value: 1, user_id: 'ann' }],
    'rating-plot-comment': [{ value: 2, user_id: 'bob' }],
    'rating-strength': [
      { value: 3, user_id: 'ann' },
      { value: 4, user_id: 'bob' },
    ],
    'rating-comment': [{ value: 'dull', user_id: 'bob' }],
  }
  const record = { id: 'a', fields: { prompt: 'q', 'response-1': 'x' }, responses }
  expect(argillaJudgments([record], context)).toMatchObject([
    {
      annotator: { id: 'ann' },
      ratings: [
        { scale: 'tone', value: 1 },
        { scale: 'strength', value: 3 },
      ],
    },
    {
      annotator: { id: 'bob' },
      ratings: [
        { scale: 'plot-comment', value: 2 },
        { scale: 'strength', value: 4 },
      ],
      comment: 'dull',
    },
  ])
})

test('a question of another dataset is refused by its name', () => {
  const record = { id: 'a', fields: { prompt: 'q', 'response-1': 'x' } }
  const responses = { quality: [{ value: 'yes', user_id: 'ann' }] }
  expect(() => argillaJudgments([{ ...record, responses }], context)).toThrow(
    "record 'a': the question 'quality' is not known",
  )
})

test('answers that no judgment has are refused with their place', () => {
  const record = { id: 'a', fields: { prompt: 'q', 'response-1': 'x', 'response-2': 'y' } }
  const responses = { preference: [{ value: 'response-7', user_id: 'ann' }] }
  expect(() => argillaJudgments([{ ...record, responses }], context)).toThrow(
    "record 'a', question 'preference'",
  )
})

test('a lossless export makes the same store again, and tells the line of what is malformed', async () => {
  const store = memoryStore()
  await store.projects.create({ id: 'p', name: 'P', protocol: { kind: 'comparison' } })
  await store.addItems('p', [{ id: 'a', prompt: 'q', completions: [{ text: 'x' }, { text: 'y' }] }])
  await store.submit({ ...judgments[0]!, project: 'p' }, { key: 'k' })
  const lines = await all(eventLines(store.events()))
  const copy = memoryStore()
  expect(await copy.restore(eventsFromLines(lines))).toBe(3)
  expect(await all(copy.events())).toEqual(await all(store.events()))
  await expect(all(eventsFromLines([lines[0]!, '', '{"type":"item"}']))).rejects.toThrow('line 3, field item')
  await expect(all(eventsFromLines(['{']))).rejects.toThrow('line 1: not JSON')
})

test('no CSV cell is a formula, and each text keeps its own cell', async () => {
  const texts = fc.oneof(fc.string(), fc.constantFrom('=1+1', '@x', '-2', '+3', 'a,b', 'a"b', 'a\r\nb'))
  await fc.assert(
    fc.asyncProperty(texts, texts, async (first, second) => {
      const judgment: Judgment = { ...judgments[0]!, completions: [first, second] } as Judgment
      const csv = (await all(csvLines([judgment]))).slice(1).join('')
      const cells = [...csv.slice(0, -2).matchAll(/("(?:[^"]|"")*"|[^,"]*)(?:,|$)/gs)].map(([, cell]) =>
        cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
      )
      expect(cells.slice(0, 13)).toHaveLength(13)
      for (const cell of cells) expect(cell).not.toMatch(/^(?!-\d+$)[=+\-@]/)
      expect(cells[8]!.replace(/^'/, '')).toBe(first.replace(/^'/, ''))
      expect(judgmentSchema.parse(JSON.parse(cells[12]!))).toEqual(judgmentSchema.parse(judgment))
    }),
  )
})

test('a negative rating stays a number in CSV', async () => {
  const low: Judgment = {
    ...by('ann'),
    item: 'g',
    kind: 'rating',
    prompt: 'q',
    completion: 'x',
    rating: -1,
  }
  expect((await all(csvLines([low])))[1]).toMatch(/,-1,/)
})

test('a Parquet file in several row groups holds every judgment', async () => {
  const many = Array.from({ length: 25 }, (_, i): Judgment => ({ ...judgments[0]!, item: `i${i}` }))
  const chunks = await all(parquetChunks(many, { rows: 10 }))
  expect(chunks.length).toBe(3)
  const file = Buffer.concat(chunks)
  const buffer = file.buffer.slice(file.byteOffset, file.byteOffset + file.length)
  const rows = await parquetReadObjects({ file: buffer })
  expect(rows.map(({ item }) => item)).toEqual(many.map(({ item }) => item))
  expect(JSON.parse(rows[3]!.judgment as string)).toEqual(many[3])
})
