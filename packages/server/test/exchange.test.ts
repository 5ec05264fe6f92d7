import { argillaRecords, type Comparison, type Judgment, labelStudioTasks } from '@attune/feedback'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browser, type TestServer, testServer } from './harness.ts'

let server: TestServer
let admin: Awaited<ReturnType<typeof browser>>
beforeAll(async () => {
  server = await testServer()
  admin = await browser(server)
})
afterAll(() => server.remove())

const newProject = async () => {
  const protocol = { kind: 'comparison', question: 'Which is better?', overlap: 5 }
  return (await admin.call('POST', '/api/projects', { name: 'Exchange', protocol })).json.id
}

const by = (id: string) => ({
  annotator: { id, source: 'person' as const },
  time: '2026-01-01T00:00:00.000Z',
  protocol: '1',
})
const comparison = (who: string, rest: Pick<Comparison, 'preferred' | 'strength' | 'comment'>): Judgment => ({
  ...by(who),
  item: 'a',
  kind: 'comparison',
  prompt: 'What now?',
  completions: ['wait', 'go'],
  ...rest,
})
const judgments: Judgment[] = [
  comparison('ann', { preferred: 1, strength: 2, comment: 'braver' }),
  comparison('bob', { preferred: 'tie' }),
  { ...by('ann'), item: 'r', kind: 'ranking', prompt: 'q', completions: ['x', 'y', 'z'], order: [2, 0, 1] },
  { ...by('ann'), item: 'e', kind: 'edit', prompt: 'q', before: 'x', after: 'y' },
]
/** What a project of comparisons takes of them. */
const compared = judgments.slice(0, 2)
const flag: Judgment = { ...by('ann'), item: 'a', kind: 'flag', reason: 'insult' }

const stored = async (id: string) => {
  const { items } = (await admin.call('GET', `/api/projects/${id}/judgments`)).json as unknown as {
    items: (Judgment & object)[]
  }
  return items.map(({ id: _id, project: _project, time: _time, ...judgment }) => judgment)
}
const timeless = (given: readonly Judgment[]) => given.map(({ time: _time, ...judgment }) => judgment)

test.each([
  ['argilla', argillaRecords],
  ['label-studio', labelStudioTasks],
] as const)('%s’s JSON comes in with its judgments, once, and goes out as it came', async (format, write) => {
  const id = await newProject()
  const text = JSON.stringify(await write([...judgments, flag]))
  const send = () => admin.call('POST', `/api/projects/${id}/import`, { format, text })
  const problems = ['3 completions', '1 completion'].map((count, i) => ({
    row: i + 2,
    message: `has ${count}, but a comparison needs 2; left out`,
  }))
  expect((await send()).json).toEqual({ items: 1, judgments: 2, problems })
  expect((await send()).json).toEqual({ items: 0, judgments: 0, problems })
  expect(await stored(id)).toEqual(timeless(compared))
  await server.services.store.submit({ ...flag, project: id }, { key: 'a-flag' })
  const out = await admin.call('GET', `/api/projects/${id}/export?format=${format}`)
  expect(out.headers.get('x-attune-left-out')).toBe('{"flag":1}')
  const copy = await newProject()
  expect(
    (await admin.call('POST', `/api/projects/${copy}/import`, { format, text: out.text })).json,
  ).toMatchObject({
    items: 1,
    judgments: 2,
  })
  expect(await stored(copy)).toEqual(timeless(compared))
})

test.each(['argilla', 'label-studio'])(
  '%s’s JSON that is not understood is refused with its place',
  async (format) => {
    const id = await newProject()
    const bad =
      format === 'argilla'
        ? [
            {
              id: 'a',
              fields: { prompt: 'q', 'response-1': 'x' },
              responses: { mood: [{ value: 1, user_id: 'u' }] },
            },
          ]
        : [
            {
              data: { item: 'a', prompt: 'q', answer1: 'x' },
              annotations: [
                {
                  completed_by: 1,
                  result: [{ from_name: 'mood', to_name: 'a', type: 'choices', value: { choices: ['?'] } }],
                },
              ],
            },
          ]
    for (const text of [JSON.stringify(bad), '{}', 'not json']) {
      const { status, json } = await admin.call('POST', `/api/projects/${id}/import`, { format, text })
      expect([status, json.error]).toMatchObject([400, { code: 'invalid', field: 'body.text' }])
      if (text.includes('mood'))
        expect(json.error).toMatchObject({ message: expect.stringContaining('mood') })
    }
    expect((await admin.call('GET', `/api/projects/${id}/items`)).json.items).toEqual([])
  },
)

test('Parquet goes out as a file with every judgment in it', async () => {
  const id = await newProject()
  const text = JSON.stringify(await argillaRecords(judgments))
  await admin.call('POST', `/api/projects/${id}/import`, { format: 'argilla', text })
  const response = await fetch(`${server.url}/api/projects/${id}/export?format=parquet`, {
    headers: admin.headers(),
  })
  expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet')
  expect(response.headers.get('content-disposition')).toMatch(/filename="[\w-]+-parquet\.parquet"$/)
  const rows = await parquetReadObjects({ file: await response.arrayBuffer() })
  expect(rows.map(({ item, kind, annotator }) => [item, kind, annotator])).toEqual(
    compared.map(({ item, kind, annotator }) => [item, kind, annotator.id]),
  )
  expect(JSON.parse(rows[0]!.judgment as string)).toMatchObject({ strength: 2, comment: 'braver' })
})
