import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clip, readLabels } from '@attune/control'
import type { ClipComparison } from '@attune/feedback'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clipFolder } from '../label/clip-folder.ts'
import { StudioAway, type StudioDesk } from './desk.ts'
import { studioGatherer } from './studio-gatherer.ts'

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'attune-studio-gatherer-'))
})
afterEach(() => rm(path, { recursive: true, force: true }))

const clip = (id: string): Clip => ({
  id,
  steps: 1,
  observations: Float32Array.of(0),
  actions: Float32Array.of(0),
  rewards: Float32Array.of(0),
  infos: [undefined],
  from: { source: 's', index: 0, start: 0 },
})
const judgment = (id: string, preferred: 0 | 1, more: Partial<ClipComparison> = {}): ClipComparison => ({
  kind: 'clip-comparison',
  id,
  item: 'p',
  annotator: { id: 'ann', source: 'person' },
  time: '2026-01-01T00:00:00Z',
  protocol: '1',
  clips: ['a', 'b'],
  preferred,
  ...more,
})

/** A desk in memory that can be away. */
function desk() {
  const state = { away: false, asked: [] as string[], judgments: [] as ClipComparison[], waiting: 0 }
  const reach = () => {
    if (state.away) throw new StudioAway('http://studio does not answer')
  }
  const value: StudioDesk = {
    project: 'p',
    ask: async ([first, second]) => {
      reach()
      state.asked.push(`${first.id} ${second.id}`)
      state.waiting++
    },
    comparisons: async () => {
      reach()
      return state.judgments
    },
    waiting: async () => state.waiting,
  }
  return { state, value }
}
const show = ({ id }: Clip) => ({ id, framesPerSecond: 1, frames: [] })

it('gives each answer once, later ones and what was taken back too', async () => {
  const { state, value } = desk()
  const gatherer = studioGatherer(value, { folder: await clipFolder(path), show, everySeconds: 0.01 })
  await gatherer.ask([[clip('a'), clip('b')]])
  state.judgments = [judgment('1', 0), judgment('2', 1, { annotator: { id: 'ben', source: 'person' } })]
  const first = await gatherer.answers()
  expect(first.map(({ id }) => id)).toEqual(['1', '2'])
  expect(await gatherer.answers()).toEqual([])
  state.judgments = [state.judgments[1]!]
  const [back] = await gatherer.answers()
  expect(back).toMatchObject({ kind: 'retraction', supersedes: '1', annotator: { id: 'ann' } })
  state.judgments = [judgment('3', 0, { supersedes: '2', annotator: { id: 'ben', source: 'person' } })]
  const changed = await gatherer.answers()
  expect(changed.map(({ id }) => id)).toEqual(['3'])
  const clips = new Map(['a', 'b'].map((id) => [id, clip(id)]))
  const { pairs } = readLabels([...first, back!, ...changed], (id) => clips.get(id))
  expect(pairs).toMatchObject([{ target: 1, answers: 1 }])

  const later = studioGatherer(value, {
    folder: await clipFolder(path),
    show,
    earlier: [...first, back!, ...changed],
  })
  expect(await later.answers()).toEqual([])
})

it('keeps pairs while the studio is away and sends them once it is back', async () => {
  const { state, value } = desk()
  const told: (string | undefined)[] = []
  const gatherer = studioGatherer(value, {
    folder: await clipFolder(path),
    show,
    everySeconds: 0.01,
    onWait: (_, away) => told.push(away),
  })
  state.away = true
  await gatherer.ask([
    [clip('a'), clip('b')],
    [clip('c'), clip('d')],
  ])
  expect(await gatherer.answers()).toEqual([])
  expect(gatherer.waiting()).toBe(2)
  const waited = gatherer.answers(1)
  await new Promise((resolve) => setTimeout(resolve, 50))
  state.away = false
  state.judgments = [judgment('1', 0)]
  expect((await waited).map(({ id }) => id)).toEqual(['1'])
  expect(state.asked).toEqual(['a b', 'c d'])
  expect(told).toContain('http://studio does not answer')
})

it('ends its waiting when it is told to', async () => {
  const { value } = desk()
  const stop = new AbortController()
  const gatherer = studioGatherer(value, {
    folder: await clipFolder(path),
    show,
    everySeconds: 60,
    onWait: () => stop.abort(),
    signal: stop.signal,
  })
  await gatherer.ask([[clip('a'), clip('b')]])
  expect(await gatherer.answers(1)).toEqual([])
})
