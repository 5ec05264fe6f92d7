import type { Item } from '@attune/feedback'
import { memoryStore } from '@attune/feedback/store'
import { expect, test } from 'vitest'
import { prescreenPairs } from './prescreen.ts'

test('what people have begun on since it was scored is left to them', async () => {
  const store = memoryStore()
  const project = await store.projects.create({
    id: 'p',
    name: 'P',
    protocol: { kind: 'comparison', overlap: 2 },
  })
  const completions = [{ text: 'x' }, { text: 'y' }]
  await store.addItems(
    'p',
    ['answered', 'claimed', 'free'].map((id) => ({ id, prompt: 'q', completions })),
  )
  const pairs = (await store.items('p', { limit: 9 })).items.map(({ item }) => ({ item, probability: 0.99 }))
  const judgment = (item: Item) => ({
    kind: 'comparison' as const,
    project: 'p',
    item: item.id,
    annotator: { id: 'ann', source: 'person' as const },
    time: '2026-01-01T00:00:00.000Z',
    protocol: '1',
    prompt: 'q',
    completions: ['x', 'y'] as [string, string],
    preferred: 0 as const,
  })
  await store.submit(judgment(pairs[0]!.item), { key: 'k' })
  await store.prioritise('p', new Map([['claimed', 1]]))
  await store.claim('p', 'bob', { leaseSeconds: 60 })
  const prescreen = { certainty: 0.9, checkShare: 0 }
  expect(await prescreenPairs(store, pairs, { project, prescreen, model: 'm' })).toBe(1)
  const state = (await store.items('p', { limit: 9 })).items.map(({ item, filled, held }) => [
    item.id,
    filled,
    held,
    item.overlap,
  ])
  expect(state).toEqual([
    ['answered', 1, 0, undefined],
    ['claimed', 0, 1, undefined],
    ['free', 1, 0, 1],
  ])
})
