import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { items, project } from '../../test/fake-data.ts'
import { type Fake, fakeServer } from '../../test/fake-server.ts'
import { createClient } from '../api/client.ts'
import { createDesk, type Desk, unseenMs } from './desk.ts'
import { createDrafts } from './drafts.ts'
import { createOutbox } from './outbox.ts'

/** The storage of a browser, or of one tab. */
function memory(): Storage {
  const kept = new Map<string, string>()
  return {
    get length() {
      return kept.size
    },
    key: (i) => [...kept.keys()][i] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
  }
}

beforeEach(() => {
  vi.stubGlobal('localStorage', memory())
  vi.stubGlobal('sessionStorage', memory())
})
afterEach(() => vi.unstubAllGlobals())

/** A desk before a server; `later` lets as much time go by as a task must be seen. */
function open(fake: Fake, tab = memory()) {
  const client = createClient(fake.fetch)
  const outbox = createOutbox(client, 'ada')
  let now = 0
  const desk = createDesk({
    client,
    outbox,
    drafts: createDrafts('ada', project.id),
    account: 'ada',
    project,
    tab,
    now: () => now,
  })
  const later = () => {
    now += unseenMs
  }
  return { desk, outbox, later }
}

const front = (desk: Desk) => desk.getState().task?.item.id
const preferring = (preferred: 0 | 1) => ({
  answer: { kind: 'comparison', preferred } as const,
  draft: { preferred, comment: '' },
  seconds: 1,
})
const live = (fake: Fake) =>
  fake.judgments.filter(({ retracted }) => !retracted).map(({ item, body }) => [item, body.preferred])
const sent = (outbox: ReturnType<typeof createOutbox>) =>
  vi.waitFor(async () => {
    await outbox.flush()
    expect(outbox.getState().entries).toEqual([])
  })

test('an answer that may have arrived and is taken back does not count; the new one does', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  later()
  fake.loseAnswers = 1
  desk.submit(preferring(0))
  await vi.waitFor(() => expect(outbox.getState().problem?.status).toBe(0))
  fake.online = false
  expect(fake.judgments).toHaveLength(1)
  expect(await desk.undo()).toBe(true)
  expect(front(desk)).toBe('item-1')
  later()
  desk.submit(preferring(1))
  fake.online = true
  await outbox.flush()
  await sent(outbox)
  expect(live(fake)).toEqual([['item-1', 1]])
})

test('an answer that was never sent is taken back without the server', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  fake.online = false
  for (const preferred of [0, 1] as const) {
    later()
    desk.submit(preferring(preferred))
  }
  await outbox.flush()
  await desk.undo()
  expect(front(desk)).toBe('item-2')
  fake.online = true
  await outbox.flush()
  await sent(outbox)
  expect(fake.judgments.map(({ item }) => item)).toEqual(['item-1'])
})

test('two undos at once take two answers back, and each item is asked once more', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  for (const preferred of [0, 1] as const) {
    later()
    desk.submit(preferring(preferred))
    await desk.start()
  }
  await sent(outbox)
  expect(await Promise.all([desk.undo(), desk.undo(), desk.undo()])).toEqual([true, true, false])
  expect(live(fake)).toEqual([])
  const asked: unknown[] = []
  while (front(desk)) {
    asked.push(front(desk))
    later()
    desk.submit(preferring(1))
    await desk.start()
    await sent(outbox)
  }
  expect(asked).toEqual(items.map(({ id }) => id))
  expect(live(fake)).toHaveLength(items.length)
})

test('after an undo the draft is on the server in the shape of the form, and comes back on another machine', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  later()
  desk.submit(preferring(1))
  await sent(outbox)
  await desk.undo()
  await vi.waitFor(() =>
    expect(fake.drafts.get('item-1')).toMatchObject({ draft: { preferred: 1, comment: '' } }),
  )
})

test('what is pressed before a task can have been seen is no answer to it', async () => {
  const fake = fakeServer()
  const { desk, later } = open(fake)
  await desk.start()
  later()
  expect([desk.submit(preferring(0)), desk.submit(preferring(0)), await desk.skip('unsure')]).toEqual([
    true,
    false,
    false,
  ])
  expect(front(desk)).toBe('item-2')
  later()
  expect(desk.submit(preferring(0))).toBe(true)
})

test('a task takes no answer while it is being skipped, and only it leaves the desk', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  later()
  desk.submit(preferring(0))
  await sent(outbox)
  later()
  const skipped = desk.skip('unsure')
  expect(desk.submit(preferring(0))).toBe(false)
  await Promise.all([skipped, desk.undo()])
  expect(fake.skipped).toMatchObject([{ item: 'item-2' }])
  expect(front(desk)).toBe('item-1')
  later()
  desk.submit(preferring(0))
  await desk.start()
  expect(front(desk)).toBe('item-3')
})

test('a lease that has ended is told, and had again where it is free; without one a task can be skipped all the same', async () => {
  const fake = fakeServer()
  const { desk, later } = open(fake)
  await desk.start()
  await desk.extend()
  expect(desk.getState().task?.lapsed).toBe(false)
  fake.endLeases()
  await desk.extend()
  expect(desk.getState().task).toMatchObject({ item: { id: 'item-1' }, lapsed: true })
  await desk.start()
  expect(desk.getState().task).toMatchObject({ item: { id: 'item-1' }, lapsed: false })
  fake.endLeases()
  later()
  expect(await desk.skip('unsure')).toBe(true)
  expect(front(desk)).not.toBe('item-1')
  expect(fake.skipped).toEqual([])
})

test('one person sees the sides of an item in one order', async () => {
  const fake = fakeServer()
  const orderOf = async () => {
    const { desk } = open(fake)
    await desk.start()
    const { task } = desk.getState()
    fake.endLeases()
    return [task!.item.id, task!.order]
  }
  const first = await orderOf()
  for (let i = 0; i < 10; i++) expect(await orderOf()).toEqual(first)
})

test('of two drafts the newer is shown, wherever it was typed', async () => {
  const fake = fakeServer()
  const { desk } = open(fake)
  await desk.start()
  const { at } = createDrafts('ada', project.id).keep('item-1', { comment: 'here' })
  fake.drafts.set('item-1', { at: at - 60_000, draft: { comment: 'there, before' } })
  await desk.extend()
  expect(desk.getState().task?.draft).toBeUndefined()
  fake.drafts.set('item-1', { at: at + 60_000, draft: { comment: 'there, later' } })
  await desk.extend()
  expect(desk.getState().task?.draft).toEqual({ comment: 'there, later' })
  desk.close()
  const again = open(fake)
  fake.endLeases()
  await again.desk.start()
  expect(again.desk.getState().task?.draft).toEqual({ comment: 'there, later' })
})

test('a tab without room forgets the older answers first, and never shows an answered task again', async () => {
  const fake = fakeServer()
  const kept = memory()
  let room = 100_000
  const tab: Storage = {
    ...kept,
    setItem: (name, value) => {
      if (name.includes('desk.') && value.length > room) throw new Error('full')
      kept.setItem(name, value)
    },
  }
  const { desk, outbox, later } = open(fake, tab)
  await desk.start()
  for (let i = 0; i < 4; i++) {
    later()
    desk.submit(preferring(0))
    await desk.start()
  }
  await sent(outbox)
  room = kept.getItem(`attune.desk.ada.${project.id}`)!.length - 50
  await desk.extend()
  expect(open(fake, tab).desk.getState().handed).toHaveLength(3)
  room = 10
  later()
  desk.submit(preferring(0))
  await desk.start()
  await sent(outbox)
  fake.endLeases()
  const reloaded = open(fake, tab)
  await reloaded.desk.start()
  expect(front(reloaded.desk)).toBe('item-6')
})

test('an answer that the server cannot take holds no other up, and a line can say why it waits', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  fake.trouble = (item) => (item === 'item-1' ? 500 : 0)
  for (let i = 0; i < 3; i++) {
    later()
    desk.submit(preferring(0))
    await desk.start()
  }
  await vi.waitFor(() => expect(live(fake).map(([item]) => item)).toEqual(['item-2', 'item-3']))
  await outbox.flush()
  expect(outbox.getState()).toMatchObject({
    entries: [{ body: { item: 'item-1' } }],
    problem: { status: 500 },
  })
  fake.trouble = null
  await outbox.flush()
  expect(outbox.getState()).toEqual({ entries: [], problem: null })
})

test('what this browser no longer knows cannot be taken back, and stands in nobody’s way', async () => {
  const fake = fakeServer()
  const { desk, outbox, later } = open(fake)
  await desk.start()
  for (let i = 0; i < 2; i++) {
    later()
    desk.submit(preferring(0))
    await desk.start()
  }
  await sent(outbox)
  const settled = JSON.parse(localStorage.getItem('attune.settled')!) as Record<string, string>
  const [first] = Object.keys(settled)
  localStorage.setItem('attune.settled', JSON.stringify({ [first!]: settled[first!] }))
  await expect(desk.undo()).rejects.toThrow('no longer knows')
  expect(await desk.undo()).toBe(true)
  expect(front(desk)).toBe('item-1')
})

test('another tab’s sending of an answer that is taken back here retracts it', async () => {
  const fake = fakeServer()
  const { desk, later } = open(fake)
  await desk.start()
  later()
  fake.online = false
  desk.submit(preferring(0))
  await new Promise((resolve) => setTimeout(resolve, 20))
  await desk.undo()
  fake.online = true
  const other = createOutbox(createClient(fake.fetch), 'ada')
  await other.flush()
  expect(fake.judgments).toHaveLength(1)
  expect(live(fake)).toEqual([])
})
