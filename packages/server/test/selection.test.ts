import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ndarray } from '@attune/grad'
import { loadModel, saveModel } from '@attune/lm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { browser, root, type TestServer, testServer } from './harness.ts'

let server: TestServer
let admin: Awaited<ReturnType<typeof browser>>
beforeAll(async () => {
  server = await testServer()
  admin = await browser(server)
  await rewardModel('first.reward', 1)
  await rewardModel('second.reward', 2)
}, 60_000)
afterAll(() => server.remove())

/** A reward model with a head of its own, as a run's stage. */
async function rewardModel(id: string, frequency: number): Promise<void> {
  const [run, stage] = id.split('.') as [string, string]
  const model = await loadModel(join(root, 'models/sotu-4m'))
  const head = ndarray(
    Float32Array.from({ length: model.architecture.width }, (_, i) => 0.3 * Math.sin(frequency * i)),
    [1, model.architecture.width],
  )
  const folder = join(server.folder, 'runs', run)
  await saveModel(join(folder, stage, 'model'), {
    ...model,
    parameters: { ...model.parameters, 'score.weight': head },
  })
  await writeFile(
    join(folder, 'recipe.yaml'),
    `name: ${run}\nstages:\n  - { name: ${stage}, stage: reward }\n`,
  )
  await writeFile(join(folder, stage, 'done.json'), '{"seconds":1}')
}

const texts = ['peace', 'war and ruin', 'hope', 'the people', 'nothing', 'our strength', 'debt', 'a new day']

async function pairsProject(overlap = 1) {
  const protocol = { kind: 'comparison', question: 'Which is more hopeful?', overlap }
  const { id } = (await admin.call('POST', '/api/projects', { name: 'P', protocol })).json
  const items = Array.from({ length: 12 }, (_, i) => ({
    id: `i${i}`,
    prompt: `We shall have ${i}`,
    completions: [{ text: ` ${texts[i % 8]}` }, { text: ` ${texts[(3 * i + 1) % 8]} again` }],
  }))
  await admin.call('POST', `/api/projects/${id}/items`, { items })
  return { id, items }
}

type Project = Awaited<ReturnType<typeof pairsProject>>

/** P(first ≻ second) by item, asked of the server's own scores. */
async function probabilities({ items }: Project, model: string): Promise<Map<string, number>> {
  const inputs = items.flatMap(({ prompt, completions }) =>
    completions.map(({ text: completion }) => ({ prompt, completion })),
  )
  const { json } = await admin.call('POST', '/v1/score', { model, inputs })
  const scores = (json as unknown as { data: { score: number }[] }).data.map(({ score }) => score)
  return new Map(items.map(({ id }, i) => [id, 1 / (1 + Math.exp(scores[2 * i + 1]! - scores[2 * i]!))]))
}

async function askedOrder(id: string, who: string): Promise<string[]> {
  await admin.call('POST', '/api/people', { name: who, role: 'annotator' })
  const { call } = await browser(server, { name: who })
  const order: string[] = []
  const held: string[] = []
  for (;;) {
    const claim = (await call('POST', `/api/projects/${id}/claim`, { held: held.slice(-20) })).json
    if (!claim.lease) break
    order.push(claim.item.id)
    held.push(claim.lease.id)
  }
  for (const lease of held) await call('POST', `/api/leases/${lease}/release`)
  return order
}

const settled = async (id: string) => {
  await server.services.selections.follow()
  return (await admin.call('GET', `/api/projects/${id}/selection`)).json as unknown as {
    models: string[]
    order: string
    prescreen: unknown
    state: { state: string; models: string[]; prescreened: number; reason?: string; scored: number }
  }
}
const change = (id: string, settings: object) =>
  admin.call('PATCH', `/api/projects/${id}/selection`, settings)

const byUncertainty = (chances: Map<string, number>) =>
  [...chances].sort(([, a], [, b]) => Math.abs(a - 0.5) - Math.abs(b - 0.5)).map(([item]) => item)

test('the queue follows a reward model’s uncertainty, and the next model that the project’s runs make', async () => {
  const project = await pairsProject()
  const { id } = project
  expect(await settled(id)).toMatchObject({
    order: 'uniform',
    models: [],
    prescreen: null,
    state: { state: 'idle' },
  })
  await change(id, { order: 'uncertainty' })
  expect((await settled(id)).state.reason).toMatch(/no reward model yet/)
  await change(id, { models: ['first.reward'] })
  expect(await settled(id)).toMatchObject({ state: { state: 'done', models: ['first.reward'], scored: 12 } })
  expect(await askedOrder(id, 'ann')).toEqual(byUncertainty(await probabilities(project, 'first.reward')))

  await change(id, { models: [] })
  const record = { pid: 0, started: '', createdAt: new Date().toISOString(), project: id }
  await writeFile(join(server.folder, 'runs/second/server.json'), JSON.stringify(record))
  expect(await settled(id)).toMatchObject({ state: { state: 'done', models: ['second.reward'] } })
  const second = byUncertainty(await probabilities(project, 'second.reward'))
  expect(await askedOrder(id, 'bob')).toEqual(second)
  expect(second).not.toEqual(byUncertainty(await probabilities(project, 'first.reward')))

  const late = { id: 'late', prompt: 'We shall have', completions: [{ text: ' same' }, { text: ' same' }] }
  await admin.call('POST', `/api/projects/${id}/items`, { items: [late] })
  await settled(id)
  expect((await askedOrder(id, 'cyd'))[0]).toBe('late')
})

test('of two groups one is followed by the reward model, and the other is not', async () => {
  const project = await pairsProject()
  const { id, items } = project
  const chances = await probabilities(project, 'first.reward')
  const answer = async (name: string, group: string | null, alike: boolean) => {
    await admin.call('POST', '/api/people', { name, role: 'reviewer', group })
    const { call } = await browser(server, { name })
    for (const { id: item } of items) {
      const preferred = chances.get(item)! > 0.5 === alike ? 0 : 1
      const judgment = { kind: 'comparison', preferred }
      await call('POST', `/api/projects/${id}/judgments`, {
        key: `${name.replace(' ', '-')}-of-${item}`,
        item,
        judgment,
      })
    }
  }
  await answer('doctor one', 'doctors', true)
  await answer('doctor two', 'doctors', true)
  await answer('patient one', 'patients', false)
  await answer('somebody', null, true)
  const groups = async (query = '') =>
    (await admin.call('GET', `/api/projects/${id}/groups${query}`)).json as unknown as { groups: object[] }
  const judgments = items.length
  expect((await groups()).groups).toEqual([
    { group: 'doctors', people: 2, judgments: 2 * judgments, agreement: 1, followed: null },
    { group: 'patients', people: 1, judgments, agreement: null, followed: null },
    { group: null, people: 1, judgments, agreement: null, followed: null },
  ])
  expect((await groups('?reward=first.reward')).groups).toMatchObject([
    { group: 'doctors', followed: 1 },
    { group: 'patients', followed: 0 },
    { group: null, followed: 1 },
  ])
  expect((await admin.call('GET', `/api/projects/${id}/groups?reward=nobody`)).status).toBe(404)
})

test('an ensemble’s disagreement, and diversity without a model', async () => {
  const project = await pairsProject()
  const { id } = project
  await change(id, { order: 'disagreement', models: ['first.reward'] })
  expect((await settled(id)).state.reason).toMatch(/two reward models/)
  await change(id, { models: ['first.reward', 'second.reward'] })
  expect((await settled(id)).state.state).toBe('done')
  const [first, second] = [
    await probabilities(project, 'first.reward'),
    await probabilities(project, 'second.reward'),
  ]
  // the standard deviation of two numbers is half their distance
  const gap = (item: string) => Math.abs(first.get(item)! - second.get(item)!)
  const expected = [...first.keys()].sort((a, b) => gap(b) - gap(a))
  expect(await askedOrder(id, 'dan')).toEqual(expected)
  await change(id, { order: 'diversity' })
  await settled(id)
  expect((await askedOrder(id, 'eve'))[0]).toBe('i0')
})

test('pairs that the model is certain of are judged by it, and people get the others', async () => {
  const project = await pairsProject(2)
  const { id } = project
  const chances = await probabilities(project, 'first.reward')
  const certainty = (item: string) => Math.max(chances.get(item)!, 1 - chances.get(item)!)
  const ranked = [...chances.keys()].sort((a, b) => certainty(b) - certainty(a))
  const between = (certainty(ranked[4]!) + certainty(ranked[5]!)) / 2
  await change(id, { models: ['first.reward'] })
  await settled(id)
  expect((await admin.call('GET', `/api/projects/${id}/judgments`)).json.items).toEqual([])
  await change(id, { prescreen: { certainty: between, checkShare: 0 } })
  expect((await settled(id)).state).toMatchObject({ state: 'done', prescreened: 5 })
  const { items } = (await admin.call('GET', `/api/projects/${id}/judgments`)).json as unknown as {
    items: { item: string; preferred: number; annotator: object; metadata: { probability: number } }[]
  }
  expect(items.map(({ item }) => item).sort()).toEqual(ranked.slice(0, 5).sort())
  for (const { item, preferred, annotator, metadata } of items) {
    expect(annotator).toEqual({ id: 'ai:first.reward', source: 'ai', model: 'first.reward' })
    expect(preferred).toBe(chances.get(item)! > 0.5 ? 0 : 1)
    expect(metadata.probability).toBeCloseTo(chances.get(item)!, 5)
  }
  expect((await askedOrder(id, 'fay')).sort()).toEqual(ranked.slice(5).sort())
  expect((await admin.call('GET', `/api/projects/${id}/progress`)).json).toMatchObject({ done: 5, slots: 19 })
  await admin.call('POST', `/api/projects/${id}/selection/refresh`, {})
  expect((await settled(id)).state.prescreened).toBe(5)
})

test('of what a model judged, people check a share; what they have begun is theirs', async () => {
  const project = await pairsProject(1)
  const { id } = project
  await admin.call('POST', `/api/projects/${id}/judgments`, {
    key: 'by-a-person',
    item: 'i3',
    judgment: { kind: 'comparison', preferred: 0 },
  })
  await change(id, { models: ['first.reward'], prescreen: { certainty: 0.5001, checkShare: 1 } })
  const { prescreened } = (await settled(id)).state
  expect(prescreened).toBeGreaterThan(8)
  expect((await askedOrder(id, 'gil')).sort()).toEqual(
    project.items
      .map((item) => item.id)
      .filter((item) => item !== 'i3')
      .sort(),
  )
  const { json } = await admin.call('GET', `/api/projects/${id}/agreement`)
  expect(json).toMatchObject({ raw: null, alpha: null })
})

test('a language model as judge is asked in both orders', async () => {
  const { id } = await pairsProject(1)
  await change(id, { prescreen: { judge: 'sotu-4m', certainty: 0.5001, checkShare: 0 } })
  expect((await settled(id)).state).toMatchObject({ state: 'done' })
  const { items } = (await admin.call('GET', `/api/projects/${id}/judgments`)).json as unknown as {
    items: { annotator: object }[]
  }
  for (const { annotator } of items)
    expect(annotator).toEqual({ id: 'ai:sotu-4m', source: 'ai', model: 'sotu-4m' })
  const ask = async (a: string, b: string) => {
    const model = (await server.services.models()).find((one) => one.id === 'sotu-4m')!
    const request = { op: 'judge' as const, model: { folder: model.path, stamp: model.stamp }, question: 'Q' }
    for await (const event of server.services.inference.ask({ ...request, pairs: [{ prompt: 'p', a, b }] }))
      if (event.type === 'scores') return event.scores[0]!
    throw new Error('no score')
  }
  expect((await ask('peace', 'war')) + (await ask('war', 'peace'))).toBeCloseTo(1, 5)
})

test('models that are not there, or of the other kind, are refused', async () => {
  const { id } = await pairsProject()
  await mkdir(join(server.folder, 'runs/none'), { recursive: true })
  for (const settings of [
    { models: ['none.reward'] },
    { models: ['sotu-4m'] },
    { prescreen: { judge: 'first.reward' } },
  ])
    expect((await change(id, settings)).status).toBe(404)
  expect((await change(id, { prescreen: { certainty: 0.3 } })).status).toBe(400)
})
