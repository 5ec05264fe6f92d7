import type { FeedbackStore } from '@attune/feedback'
import { memoryStore } from '@attune/feedback'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { storeDigest } from '../src/store/digest.ts'
import { all, comparison, pairs, projectOf, type TestClock, testClock } from './fixtures-store.ts'
import { storeModel } from './store-model.ts'

/** A store under test; `reopen` closes it and opens the same data again (absent where nothing is kept). */
export interface StoreUnderTest {
  readonly store: FeedbackStore
  readonly reopen?: () => Promise<FeedbackStore>
  readonly dispose: () => Promise<void>
}

const lease = { leaseSeconds: 60 }

/** What every store must do. */
export function storeConformance(name: string, open: (clock: TestClock) => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let clock: TestClock
    let under: StoreUnderTest
    let store: FeedbackStore
    beforeEach(async () => {
      clock = testClock()
      under = await open(clock)
      store = under.store
    }, 60_000)
    afterEach(() => under.dispose(), 60_000)

    test('projects are made with defaults, listed, changed', async () => {
      const made = await store.projects.create({ name: 'One', protocol: { kind: 'binary' } })
      expect(made.protocol).toMatchObject({ version: '1', overlap: 1, order: 'uniform', allowSkip: true })
      expect(made.createdAt).toBe('2026-01-01T00:00:00.000Z')
      clock.advance(1)
      await projectOf(store)
      expect((await store.projects.list()).map(({ name }) => name)).toEqual(['One', 'Pairs'])
      await store.projects.update(made.id, { archived: true })
      expect(await store.projects.get(made.id)).toEqual({ ...made, archived: true })
      await expect(projectOf(store)).rejects.toMatchObject({ code: 'conflict' })
      await expect(store.projects.update('none', {})).rejects.toMatchObject({ code: 'not-found' })
      expect(await store.projects.get('none')).toBeNull()
    })

    test('items whose scores cannot be compared are refused by name, and nothing is added', async () => {
      const id = await projectOf(store, { items: 0, order: 'disagreement' })
      const scored = (name: string, ...scores: number[][]) => ({
        id: name,
        prompt: 'q',
        completions: scores.map((members) => ({ text: 'x', scores: members })),
      })
      const given = [scored('good', [1, 2], [2, 1]), scored('odd', [1, 2], [1])]
      await expect(store.addItems(id, given)).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining("item 'odd'"),
      })
      expect((await store.items(id, { limit: 9 })).items).toEqual([])
    })

    test('items are added once, paged in order, and malformed ones refused by name', async () => {
      const id = await projectOf(store, { items: 3 })
      expect(await store.addItems(id, pairs(5))).toEqual({ added: 2, existing: 3 })
      const first = await store.items(id, { limit: 2 })
      const second = await store.items(id, { limit: 9, cursor: first.nextCursor! })
      const named = await store.items(id, { limit: 9, ids: ['i2', 'no', 'i0'] })
      expect(named.items.map(({ item }) => item.id)).toEqual(['i0', 'i2'])
      expect([...first.items, ...second.items].map(({ item }) => item.id)).toEqual(pairs(5).map((i) => i.id))
      expect(second.nextCursor).toBeNull()
      expect(await store.item(id, 'i1')).toMatchObject({ project: id, prompt: 'prompt 1' })
      expect(await store.item(id, 'none')).toBeNull()
      const bad = [{ id: 'x', prompt: 'p', completions: [{ txt: 'a' }] }] as never
      await expect(store.addItems(id, bad)).rejects.toThrow("item 0 ('x'), field completions.0")
      await expect(store.addItems('none', pairs(1))).rejects.toMatchObject({ code: 'not-found' })
    })

    test('an item goes to as many annotators as the overlap, and never twice to one', async () => {
      const id = await projectOf(store, { items: 2, overlap: 2 })
      const seen: string[] = []
      for (const who of ['ann', 'bob', 'cyd']) {
        for (
          let claim = await store.claim(id, who, lease);
          claim;
          claim = await store.claim(id, who, lease)
        ) {
          seen.push(`${who} ${claim.item.id}`)
          const { extra } = await store.submit(comparison(claim.item.id, who), {
            key: `${who}${claim.item.id}`,
            lease: claim.lease.id,
          })
          expect(extra).toBe(false)
        }
      }
      expect(seen.sort()).toEqual(['ann i0', 'ann i1', 'bob i0', 'bob i1'])
      const progress = await store.progress(id)
      expect(progress).toMatchObject({ items: 2, slots: 4, done: 4, skipped: 0, extra: 0 })
      expect((await store.items(id, { limit: 9, state: 'done' })).items).toHaveLength(2)
      await store.projects.update(id, {
        protocol: { ...(await store.projects.get(id))!.protocol, overlap: 3 },
      })
      expect(await store.claim(id, 'cyd', lease)).not.toBeNull()
    })

    test('a lease comes back to its annotator, or another item where it is in hand already', async () => {
      const id = await projectOf(store, { items: 2 })
      const first = (await store.claim(id, 'ann', lease))!
      clock.advance(30)
      const again = (await store.claim(id, 'ann', lease))!
      expect(again.lease.id).toBe(first.lease.id)
      expect(Date.parse(again.lease.expiresAt) - Date.parse(first.lease.expiresAt)).toBe(30_000)
      const second = (await store.claim(id, 'ann', { ...lease, held: [first.lease.id] }))!
      expect(second.item.id).not.toBe(first.item.id)
      expect(await store.claim(id, 'bob', lease)).toBeNull()
      await store.release(first.lease.id)
      await store.release(first.lease.id)
      expect((await store.claim(id, 'bob', lease))!.item.id).toBe(first.item.id)
    })

    test('an expired lease frees its slot; what comes late is kept as extra', async () => {
      const id = await projectOf(store, { items: 1 })
      const late = (await store.claim(id, 'ann', lease))!
      const renewed = await store.extend(late.lease.id, { leaseSeconds: 100 })
      expect(await store.lease(late.lease.id)).toEqual(renewed)
      clock.advance(100)
      expect(await store.lease(late.lease.id)).toBeNull()
      await expect(store.extend(late.lease.id, lease)).rejects.toMatchObject({ code: 'lease-gone' })
      await expect(store.skip(late.lease.id, '')).rejects.toMatchObject({ code: 'lease-gone' })
      const claim = (await store.claim(id, 'bob', lease))!
      const options = { key: 'late', lease: late.lease.id }
      expect((await store.submit(comparison('i0', 'ann'), options)).extra).toBe(true)
      const bob = { key: 'bob', lease: claim.lease.id }
      expect((await store.submit(comparison('i0', 'bob'), bob)).extra).toBe(false)
      expect(await all(store.judgments(id))).toHaveLength(2)
      expect(await store.progress(id)).toMatchObject({ done: 1, extra: 1 })
    })

    test('what comes late to a slot that is still free counts', async () => {
      const id = await projectOf(store, { items: 1 })
      const { lease: late } = (await store.claim(id, 'ann', lease))!
      clock.advance(61)
      const submitted = await store.submit(comparison('i0', 'ann'), { key: 'k', lease: late.id })
      expect(submitted.extra).toBe(false)
      expect(await store.claim(id, 'bob', lease)).toBeNull()
    })

    test('a key delivers once', async () => {
      const id = await projectOf(store)
      const first = await store.submit(comparison('i0', 'ann'), { key: 'k' })
      const second = await store.submit(comparison('i0', 'ann', { preferred: 1 }), { key: 'k' })
      expect(second).toEqual({ ...first, duplicate: true })
      expect(await store.delivered(id, 'k')).toEqual(second)
      expect(await store.delivered(id, 'another')).toBeNull()
      await expect(store.submit(comparison('i1', 'ann'), { key: 'k' })).rejects.toMatchObject({
        code: 'conflict',
      })
      const twins = Array.from({ length: 8 }, () => store.submit(comparison('i1', 'ann'), { key: 'twin' }))
      const results = await Promise.all(twins)
      expect(results.filter(({ duplicate }) => !duplicate)).toHaveLength(1)
      expect(await all(store.judgments(id))).toHaveLength(2)
      expect(await store.judgment(first.judgment.id)).toEqual(first.judgment)
    })

    test('malformed judgments are refused by field; unknown items too', async () => {
      await projectOf(store)
      const bad = comparison('i0', 'ann', { preferred: 2 as never })
      await expect(store.submit(bad, { key: 'k' })).rejects.toThrow('judgment, field preferred')
      await expect(store.submit(comparison('no', 'ann'), { key: 'k' })).rejects.toThrow("item 'no'")
    })

    test('undo gives the slot and the old answer back, and history keeps both', async () => {
      const id = await projectOf(store, { items: 1 })
      const { judgment } = await store.submit(comparison('i0', 'ann', { strength: 3 }), { key: 'k' })
      await expect(store.retract(judgment.id, 'bob', lease)).rejects.toMatchObject({ code: 'not-allowed' })
      await expect(store.retract('none', 'ann', lease)).rejects.toMatchObject({ code: 'not-found' })
      const { retraction, claim } = await store.retract(judgment.id, 'ann', lease)
      expect(claim).toMatchObject({ item: { id: 'i0' }, draft: { preferred: 0, strength: 3 } })
      expect(await store.claim(id, 'bob', lease)).toBeNull()
      expect((await store.claim(id, 'ann', lease))!.lease.id).toBe(claim!.lease.id)
      expect((await store.retract(judgment.id, 'ann', lease)).retraction).toEqual(retraction)
      expect(await all(store.judgments(id))).toEqual([])
      expect(await all(store.judgments(id, { active: false }))).toEqual([judgment, retraction])
      const options = { key: 'k2', lease: claim!.lease.id }
      expect((await store.submit(comparison('i0', 'ann', { preferred: 1 }), options)).extra).toBe(false)
      expect(await store.progress(id)).toMatchObject({ done: 1, extra: 0 })
    })

    test('a correction takes the slot of what it supersedes', async () => {
      const id = await projectOf(store, { items: 1 })
      const { judgment } = await store.submit(comparison('i0', 'ann'), { key: 'k' })
      const correction = comparison('i0', 'ann', { preferred: 1, supersedes: judgment.id })
      const second = await store.submit(correction, { key: 'k2' })
      expect(second.extra).toBe(false)
      expect(await all(store.judgments(id))).toEqual([second.judgment])
      expect(await store.progress(id)).toMatchObject({ done: 1, extra: 0 })
      expect(await all(store.judgments(id, { after: judgment.id }))).toEqual([second.judgment])
      const foreign = comparison('i0', 'bob', { supersedes: judgment.id })
      await expect(store.submit(foreign, { key: 'k3' })).rejects.toMatchObject({ code: 'not-allowed' })
    })

    test('flags are kept beside the answer and fill nothing', async () => {
      const id = await projectOf(store, { items: 1 })
      const { lease: own } = (await store.claim(id, 'ann', lease))!
      const { completions: _, preferred: _p, prompt: _q, ...record } = comparison('i0', 'ann')
      await store.submit({ ...record, kind: 'flag', reason: 'insult' }, { key: 'f' })
      expect(await store.lease(own.id)).not.toBeNull()
      await store.submit(comparison('i0', 'ann'), { key: 'k', lease: own.id })
      expect((await all(store.judgments(id, { kind: 'flag' }))).map(({ item }) => item)).toEqual(['i0'])
      expect(await store.progress(id)).toMatchObject({ done: 1, extra: 0 })
    })

    test.each([
      ['to-others', 'none', 'i0', 0],
      ['to-me-later', 'i0', 'i0', 0],
      ['drop', 'none', 'none', 1],
    ] as const)('skip policy %s', async (skipPolicy, mine, theirs, done) => {
      const id = await projectOf(store, { items: 1, skipPolicy })
      const { lease: own } = (await store.claim(id, 'ann', lease))!
      await store.skip(own.id, 'unclear')
      const next = await store.claim(id, 'ann', lease)
      expect(next?.item.id ?? 'none').toBe(mine)
      if (next) await store.release(next.lease.id)
      expect((await store.claim(id, 'bob', lease))?.item.id ?? 'none').toBe(theirs)
      expect(await store.progress(id)).toMatchObject({ done, skipped: 1 })
    })

    test('a protocol can forbid skips', async () => {
      const id = await projectOf(store, { allowSkip: false })
      const { lease: own } = (await store.claim(id, 'ann', lease))!
      await expect(store.skip(own.id, '')).rejects.toMatchObject({ code: 'not-allowed' })
    })

    test('drafts wait for the annotator until the answer is in', async () => {
      const id = await projectOf(store, { items: 1 })
      const slot = { project: id, item: 'i0', annotator: 'ann' }
      await store.saveDraft(slot, { text: 'half' })
      await store.saveDraft(slot, { text: 'half a sentence' })
      expect(await store.claim(id, 'ann', lease)).toMatchObject({ draft: { text: 'half a sentence' } })
      expect(await store.draft({ ...slot, annotator: 'bob' })).toBeUndefined()
      await store.submit(comparison('i0', 'ann'), { key: 'k' })
      expect(await store.draft(slot)).toBeUndefined()
    })

    test('gold questions keep their share and are asked of everyone', async () => {
      const id = await projectOf(store, { items: 12, overlap: 1, goldShare: 0.25 })
      const gold = pairs(4).map((item) => ({ ...item, id: `g-${item.id}`, gold: { preferred: 1 } }))
      await store.addItems(id, gold)
      const known = await store.items(id, { gold: true, limit: 3 })
      expect(known.items.map(({ item }) => item.id)).toEqual(gold.slice(0, 3).map((item) => item.id))
      const more = await store.items(id, { gold: true, limit: 3, cursor: known.nextCursor! })
      expect([more.items.length, more.nextCursor]).toEqual([1, null])
      expect((await store.items(id, { gold: false, limit: 20 })).items).toHaveLength(12)
      for (const who of ['ann', 'bob']) {
        const asked: string[] = []
        for (let i = 0; i < 8; i++) {
          const claim = (await store.claim(id, who, lease))!
          asked.push(claim.item.id)
          const key = `${who} ${i}`
          await store.submit(comparison(claim.item.id, who), { key, lease: claim.lease.id })
        }
        if (who === 'ann') expect(asked.filter((item) => item.startsWith('g-'))).toHaveLength(2)
        if (who === 'bob') expect(asked.filter((item) => item.startsWith('g-'))).toHaveLength(2)
      }
      expect(await store.progress(id)).toMatchObject({ items: 12, slots: 12, done: 12, extra: 4 })
    })

    test('higher priorities are asked first', async () => {
      const id = await projectOf(store, { items: 6 })
      await store.prioritise(
        id,
        new Map([
          ['i4', 2],
          ['i1', 3],
        ]),
      )
      const asked: string[] = []
      for (const who of ['a', 'b', 'c']) asked.push((await store.claim(id, who, lease))!.item.id)
      expect(asked.slice(0, 2)).toEqual(['i1', 'i4'])
      expect((await store.item(id, 'i1'))!.priority).toBe(3)
    })

    test('an item can want more or fewer answers than the others, also after the overlap has changed', async () => {
      const id = await projectOf(store, { items: 3, overlap: 2 })
      await store.submit(comparison('i0', 'ann'), { key: 'a' })
      await store.wantAnswers(
        id,
        new Map([
          ['i0', 1],
          ['i1', 3],
        ]),
      )
      expect(await store.progress(id)).toMatchObject({ items: 3, slots: 6, done: 1 })
      const { protocol } = (await store.projects.get(id))!
      await store.projects.update(id, { protocol: { ...protocol, overlap: 4 } })
      expect(await store.progress(id)).toMatchObject({ slots: 8 })
      const asked: string[] = []
      for (let n = 0; n < 9; n++) asked.push((await store.claim(id, `p${n}`, lease))?.item.id ?? 'none')
      expect(asked.sort()).toEqual(['i1', 'i1', 'i1', 'i2', 'i2', 'i2', 'i2', 'none', 'none'])
      await expect(store.wantAnswers(id, new Map([['i1', 0]]))).rejects.toMatchObject({ code: 'invalid' })
      await expect(store.wantAnswers(id, new Map([['no', 1]]))).rejects.toMatchObject({ code: 'not-found' })
    })

    test('a reward model’s uncertainty orders the queue', async () => {
      const id = await projectOf(store, { items: 0, order: 'uncertainty' })
      const scored = pairs(3).map((item, i) => ({
        ...item,
        completions: [
          { text: 'a', score: 0 },
          { text: 'b', score: [3, 0.1, 1][i]! },
        ],
      }))
      await store.addItems(id, scored)
      expect((await store.claim(id, 'ann', lease))!.item.id).toBe('i1')
    })

    test('claims made at once never share a slot', async () => {
      const id = await projectOf(store, { items: 10, overlap: 2 })
      const people = Array.from({ length: 25 }, (_, i) => `p${i}`)
      const claims = await Promise.all(people.map((who) => store.claim(id, who, lease)))
      const taken = claims.flatMap((claim) => claim?.item.id ?? [])
      expect(taken.sort()).toEqual(
        pairs(10)
          .flatMap(({ id }) => [id, id])
          .sort(),
      )
    })

    test('all that is kept can be moved to another store', async () => {
      const id = await projectOf(store, { items: 3, overlap: 2, skipPolicy: 'drop' })
      const { judgment } = await store.submit(comparison('i0', 'ann', { durationSeconds: 2.5 }), { key: 'a' })
      await store.submit(comparison('i0', 'bob'), { key: 'b' })
      await store.submit(comparison('i0', 'cyd'), { key: 'c' })
      await store.retract(judgment.id, 'ann', lease)
      await store.saveDraft({ project: id, item: 'i1', annotator: 'bob' }, 'half “é\u0000”')
      const { lease: skipped } = (await store.claim(id, 'dan', lease))!
      await store.skip(skipped.id, 'no idea')
      const copy = memoryStore()
      const count = await copy.restore(store.events())
      expect(await storeDigest(copy)).toEqual(await storeDigest(store))
      expect(await copy.progress(id)).toEqual(await store.progress(id))
      expect(await copy.restore(store.events())).toBe(0)
      expect(count).toBeGreaterThan(8)
      const fresh = await open(clock)
      await fresh.store.restore(copy.events())
      expect(await storeDigest(fresh.store)).toEqual(await storeDigest(store))
      expect(await fresh.store.progress(id)).toEqual(await store.progress(id))
      await fresh.dispose()
    })

    test('restoring leaves what is there already, also what has changed since', async () => {
      const id = await projectOf(store, { items: 2 })
      await store.saveDraft({ project: id, item: 'i1', annotator: 'ann' }, 'old')
      const { lease: skipped } = (await store.claim(id, 'dan', lease))!
      await store.skip(skipped.id, 'no idea')
      const old = await all(store.events())
      clock.advance(1)
      await store.projects.update(id, { name: 'Renamed' })
      await store.prioritise(id, new Map([['i1', 5]]))
      await store.saveDraft({ project: id, item: 'i1', annotator: 'ann' }, 'new')
      const before = await storeDigest(store)
      expect(await store.restore(old)).toBe(0)
      expect(await storeDigest(store)).toEqual(before)
    })

    test('what was acknowledged is there after opening again', async () => {
      const id = await projectOf(store, { items: 3, overlap: 2 })
      const { judgment } = await store.submit(comparison('i0', 'ann'), { key: 'k' })
      await store.prioritise(id, new Map([['i2', 9]]))
      await store.saveDraft({ project: id, item: 'i1', annotator: 'ann' }, { text: 'half' })
      const before = await storeDigest(store)
      if (!under.reopen) return expect(name).toBe('memory')
      store = await under.reopen()
      expect(await storeDigest(store)).toEqual(before)
      expect(await store.submit(comparison('i0', 'ann'), { key: 'k' })).toMatchObject({
        judgment: { id: judgment.id },
        duplicate: true,
      })
    })

    test('any history leaves every store as the memory store would be', async () => {
      await storeModel(open)
    })
  })
}
