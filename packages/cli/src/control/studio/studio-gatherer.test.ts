import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clip, readLabels } from '@attune/control'
import type { ClipComparison } from '@attune/feedback'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { clip } from '../../../test/clip.ts'
import { clipFolder } from '../label/clip-folder.ts'
import { StudioAway, type StudioDesk } from './desk.ts'
import { studioGatherer } from './studio-gatherer.ts'

let path: string
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'attune-studio-gatherer-'))
})
afterEach(() => rm(path, { recursive: true, force: true }))

const judgment = (id: string, preferred: 0 | 1, more: Partial<ClipComparison> = {}): ClipComparison => ({
  kind: 'clip-comparison',
  id,
  project: 'p',
  item: 'i',
  annotator: { id: 'ann', source: 'person' },
  time: '2026-01-01T00:00:00Z',
  protocol: '1',
  clips: ['a', 'b'],
  preferred,
  ...more,
})

/** A desk in memory that can be away, for all calls or for one kind of them. */
function desk() {
  const state = {
    away: false as boolean | 'open' | 'comparisons',
    asked: [] as string[],
    judgments: [] as ClipComparison[],
    open: [] as { clips: readonly string[]; filled: number }[],
  }
  const reach = (call?: typeof state.away) => {
    if (state.away === true || (call && state.away === call))
      throw new StudioAway('http://studio does not answer')
  }
  const value: StudioDesk = {
    project: 'p',
    ask: async ({ item, clips }, shown) => {
      reach()
      expect(shown.map(({ id }) => id)).toEqual(clips)
      state.asked.push(item)
      state.open.push({ clips, filled: 0 })
    },
    comparisons: async () => {
      reach('comparisons')
      return state.judgments
    },
    open: async () => {
      reach('open')
      return state.open
    },
  }
  return { state, value }
}
const view = { left: 0, right: 1, bottom: 0, top: 1 }
const show = ({ id }: Clip) => ({
  id,
  framesPerSecond: 1,
  frames: [{ view, background: '#fff', figures: [] }],
})

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

it('takes nothing back that did not come from its project', async () => {
  const { state, value } = desk()
  const { project: _, ...elsewhere } = judgment('local', 0)
  const earlier = [
    { ...elsewhere, id: 'demonstration', protocol: 'demonstrations', clips: ['d', 'a'] as const },
    elsewhere,
    judgment('other', 1, { project: 'q' }),
    judgment('gone', 1),
    judgment('stays', 1),
  ]
  const folder = await clipFolder(path)
  await folder.ask([clip('a'), clip('b')], [show(clip('a')), show(clip('b'))])
  state.judgments = [judgment('stays', 1)]
  const changes = await studioGatherer(value, { folder, show, earlier }).answers()
  expect(changes).toMatchObject([{ kind: 'retraction', supersedes: 'gone' }])
})

it.each(['open', 'comparisons'] as const)(
  'loses no answer when the studio fails at %s alone',
  async (call) => {
    const { state, value } = desk()
    const gatherer = studioGatherer(value, { folder: await clipFolder(path), show })
    await gatherer.ask([[clip('a'), clip('b')]])
    state.judgments = [judgment('1', 0)]
    state.away = call
    expect(await gatherer.answers()).toEqual([])
    state.away = false
    expect((await gatherer.answers()).map(({ id }) => id)).toEqual(['1'])
  },
)

it('sends what an earlier process could not, and not what was answered elsewhere or has no pictures', async () => {
  const { state, value } = desk()
  const folder = await clipFolder(path)
  const stopped = studioGatherer(value, { folder, show })
  state.away = true
  await stopped.ask([
    [clip('a'), clip('b')],
    [clip('c'), clip('d')],
    [clip('e'), clip('f')],
  ])
  expect(await stopped.answers()).toEqual([])
  const unseen = (id: string) => ({ id, framesPerSecond: 1, frames: [] })
  await folder.ask([clip('g'), clip('h')], [unseen('g'), unseen('h')])
  await rm(join(path, 'clips', 'f.json'))

  state.away = false
  const { project: _, ...local } = judgment('local', 0)
  const goingOn = studioGatherer(value, { folder, show, earlier: [local] })
  expect(await goingOn.answers()).toEqual([])
  expect(state.asked).toEqual(['c d'])
  expect(goingOn.waiting()).toBe(1)
  await goingOn.answers()
  expect(state.asked).toEqual(['c d'])
})

it('takes answers to its own pairs alone, and waits for no other', async () => {
  const { state, value } = desk()
  state.open = [
    ['x', 'y'],
    ['x', 'z'],
  ].map((clips) => ({ clips, filled: 0 }))
  state.judgments = [judgment('1', 0, { clips: ['v', 'w'] })]
  const options = { folder: await clipFolder(path), show, everySeconds: 0.01, mostWaiting: 1 }
  const gatherer = studioGatherer(value, options)
  await gatherer.ask([[clip('a'), clip('b')]])
  expect(await gatherer.answers()).toEqual([])
  expect(gatherer.waiting()).toBe(1)
  state.open.pop()
  state.judgments.push(judgment('2', 1))
  expect((await gatherer.answers(2)).map(({ id }) => id)).toEqual(['2'])
  expect(gatherer.waiting()).toBe(0)
})

it('counts pairs that nobody has answered, and waits for the first answers while any are to come', async () => {
  const { state, value } = desk()
  const counted: number[] = []
  const gatherer = studioGatherer(value, {
    folder: await clipFolder(path),
    show,
    everySeconds: 0.01,
    onWait: () => {
      counted.push(gatherer.waiting())
      state.judgments = [judgment('1', 0), judgment('2', 0)]
    },
  })
  await gatherer.ask([[clip('a'), clip('b')]])
  expect(await gatherer.answers()).toEqual([])
  expect(gatherer.waiting()).toBe(1)
  state.open = [{ clips: ['a', 'b'], filled: 1 }] // one of two answers
  state.judgments = [judgment('1', 0)]
  expect((await gatherer.answers(2)).map(({ id }) => id)).toEqual(['1', '2'])
  expect(counted).toEqual([0])
})
