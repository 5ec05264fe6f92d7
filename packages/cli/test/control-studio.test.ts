import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { person, type TestServer, testServer } from '../../server/test/harness.ts'
import { loadPreferenceRecipe } from '../src/control/preference-recipe.ts'
import { trainOnPreferences } from '../src/control/preferences.ts'
import { studioDesk } from '../src/control/studio/desk.ts'

const path = new URL('../../../recipes/control-pendulum-people-studio.yaml', import.meta.url).pathname

let server: TestServer
let runs: string
beforeAll(async () => {
  server = await testServer()
  runs = await mkdtemp(join(tmpdir(), 'attune-control-studio-'))
})
afterAll(async () => {
  await server.remove()
  await rm(runs, { recursive: true, force: true })
})

const small = [
  'steps=64',
  'minibatches=4',
  'epochs=1',
  'clip_steps=10',
  'evaluation_episodes=1',
  'max_steps=50',
  'save_iterations=1',
  'first_labels=1',
]
const recipe = (...more: string[]) =>
  loadPreferenceRecipe(path, [...small, `annotator.url=http://127.0.0.1:${server.port}`, ...more])
const train = async (resume: boolean, ...more: string[]) =>
  trainOnPreferences(await recipe(...more), { runs, resume, signal: new AbortController().signal })
const metricsOf = async (folder: string) =>
  (await readFile(join(folder, 'metrics.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)

type Labeller = Awaited<ReturnType<typeof person>>

/** Answers the next item of a project, if there is one. */
async function answer({ call }: Labeller, project: string, preferred: 0 | 1): Promise<boolean> {
  const { json } = await call('POST', `/api/projects/${project}/claim`, {})
  if (!json.lease) return false
  const clips = (json.item as unknown as { completions: { text: string }[] }).completions.map(({ text }) =>
    JSON.parse(text),
  )
  expect(clips.map(({ frames }) => frames.length)).toEqual([11, 11])
  const body = {
    key: crypto.randomUUID(),
    lease: json.lease.id,
    judgment: { kind: 'clip-comparison', preferred },
  }
  expect((await call('POST', `/api/projects/${project}/judgments`, body)).status).toBe(201)
  return true
}

test('several people label clips in the studio while the policy trains; contradictions, retractions and lost clips are counted', async () => {
  const [ada, ben] = [
    await person(server, { name: 'Ada', role: 'annotator' }),
    await person(server, { name: 'Ben', role: 'annotator' }),
  ]
  let training = true
  let project = ''
  const people = (async () => {
    while (training) {
      project ||= (await server.services.store.projects.list()).at(-1)?.id ?? ''
      // Ada likes the first clip of every pair, Ben the second.
      if (project) await answer(ada, project, 0)
      if (project) await answer(ben, project, 1)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  const folder = await train(false, 'total_steps=1536', 'labels=8', 'annotator.most_waiting=6').finally(
    () => {
      training = false
    },
  )
  await people
  const rows = await metricsOf(folder)
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6])
  expect(rows.at(-1)!['labels/given']).toBeGreaterThan(8) // more than one answer a pair
  expect(rows.at(-1)!['labels/contradictory']).toBeGreaterThan(3)
  expect(rows[0]!['labels/given']).toBeLessThan(rows.at(-1)!['labels/given']!)

  // The store is the record: every answer of both is there, and the run has no other.
  const stored: string[] = []
  for await (const { id } of server.services.store.judgments(project)) stored.push(id)
  const labels = (await readFile(join(folder, 'labels.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l))
  expect(stored).toEqual(expect.arrayContaining(labels.map(({ id }) => id)))
  expect(labels.length).toBe(rows.at(-1)!['labels/given'])

  await expect(train(false, 'total_steps=1536')).rejects.toThrow(
    /labels of people: go on with them by --resume/,
  )

  // Ada takes one back, and a clip of another pair is lost: the run goes on without either, and says so.
  const [mine, other] = [labels.find(({ annotator }) => annotator.name === 'Ada'), labels.at(-1)]
  expect((await ada.call('POST', `/api/judgments/${mine.id}/retract`, {})).status).toBe(200)
  const clips = await readdir(join(folder, 'clips'))
  const lost = clips.find((name) => name === `${encodeURIComponent(other.clips[0])}.json`)!
  await rm(join(folder, 'clips', lost))
  await train(true, 'total_steps=1792', 'labels=8', 'annotator.most_waiting=100')
  const last = (await metricsOf(folder)).at(-1)!
  expect(last.step).toBe(7)
  const after = (await readFile(join(folder, 'labels.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l))
  expect(after.slice(0, labels.length)).toEqual(labels) // nothing is removed
  // an answer that came after the first run's last look is about the lost clip too
  const about = after.filter(({ clips, id }) => clips?.includes(other.clips[0]) && id !== mine.id)
  expect(last['labels/gone']).toBe(about.length)
  expect(
    after.filter(({ kind, supersedes }) => kind === 'retraction' && supersedes === mine.id),
  ).toHaveLength(1)
}, 120_000)

test('a studio that is not there, and a project about something else, are named', async () => {
  await expect(
    train(false, 'name=away', 'annotator.url=http://127.0.0.1:9', 'total_steps=512'),
  ).rejects.toThrow(/http:\/\/127\.0\.0\.1:9 does not answer .*start one by `attune studio`/)
  const { id } = await server.services.store.projects.create({
    name: 'Texts',
    protocol: { kind: 'comparison' },
  })
  await expect(train(false, 'name=other', `annotator.project=${id}`, 'total_steps=512')).rejects.toThrow(
    `the project '${id}' asks for 'comparison', expected 'clip-comparison'`,
  )
  await expect(train(false, 'name=none', 'annotator.project=none', 'total_steps=512')).rejects.toThrow(
    /GET \/api\/projects\/none: 404/,
  )
})

test('a desk says which pairs want answers, and of which project a comparison is', async () => {
  const question = { name: 'Desk', question: 'Which is better?', overlap: 2 }
  const desk = await studioDesk({ url: `http://127.0.0.1:${server.port}` }, question)
  const shown = (id: string) => ({ id, framesPerSecond: 1, frames: [] })
  const clips = ['a', 'b'] as const
  const query = { item: clips.join(' '), clips }
  for (let time = 0; time < 2; time++) await desk.ask(query, [shown('a'), shown('b')])
  expect(await desk.open()).toEqual([{ clips, filled: 0 }])
  for (const filled of [1, 2]) {
    const { call } = await person(server, { name: `Cleo ${filled}`, role: 'annotator' })
    const { json } = await call('POST', `/api/projects/${desk.project}/claim`, {})
    const judgment = { kind: 'clip-comparison', preferred: 0 }
    const body = { key: crypto.randomUUID(), lease: json.lease.id, judgment }
    await call('POST', `/api/projects/${desk.project}/judgments`, body)
    expect(await desk.open()).toEqual(filled < 2 ? [{ clips, filled }] : [])
  }
  expect(await desk.comparisons()).toMatchObject([1, 2].map(() => ({ project: desk.project, clips })))
})
