import { type Claim, type FeedbackStore, memoryStore } from '@attune/feedback'
import fc from 'fast-check'
import { expect } from 'vitest'
import { all, comparison, projectOf, type TestClock, testClock } from './fixtures-store.ts'
import type { StoreUnderTest } from './store-conformance.ts'

const who = fc.constantFrom('ann', 'bob', 'cyd')
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('claim' as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('submit' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('retract' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), nth: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const), nth: fc.nat(20) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('submit without lease' as const), who, item: fc.nat(3) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 60 }) }),
  },
)
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never

const overlap = 2
const options = { leaseSeconds: 60 }

/** One store with what was claimed from and submitted to it. */
interface Run {
  readonly store: FeedbackStore
  readonly clock: TestClock
  readonly claims: Claim[]
  readonly judgments: { readonly id: string; readonly item: string; readonly annotator: string }[]
}

/** Runs one command; what is returned must be equal on all stores (ids of leases and judgments differ). */
async function run({ store, clock, claims, judgments }: Run, step: Command, key: string): Promise<unknown> {
  const claim = (nth: number) => claims[nth % Math.max(claims.length, 1)]
  const submit = async (item: string, annotator: string, lease?: string) => {
    const result = await store.submit(comparison(item, annotator), { key, lease })
    judgments.push({ id: result.judgment.id, item, annotator })
    return [result.duplicate, result.extra]
  }
  switch (step.do) {
    case 'wait':
      return clock.advance(step.seconds)
    case 'claim': {
      const got = await store.claim('p', step.who, options)
      if (got) claims.push(got)
      return got && [got.item.id, got.lease.expiresAt, got.draft]
    }
    case 'submit': {
      const target = claim(step.nth)
      return target && submit(target.item.id, target.lease.annotator, target.lease.id)
    }
    case 'submit without lease':
      return submit(`i${step.item}`, step.who)
    case 'again': {
      const first = judgments[step.nth % Math.max(judgments.length, 1)]
      return first && (await store.judgment(first.id))?.item
    }
    case 'retract': {
      const target = judgments[step.nth % Math.max(judgments.length, 1)]
      if (!target) return undefined
      const result = await store.retract(target.id, target.annotator, options)
      if (result.claim) claims.push(result.claim)
      return [result.retraction.item, result.claim?.item.id]
    }
    case 'skip':
      return claim(step.nth) && store.skip(claim(step.nth)!.lease.id, 'why')
    case 'release':
      return claim(step.nth) && store.release(claim(step.nth)!.lease.id)
  }
}

const outcome = (result: Promise<unknown>) =>
  result.then(
    (value) => ({ value: value ?? null }),
    ({ code, message }: { code?: string; message: string }) => ({ error: code ?? message }),
  )

/** Overlap is exact: never more counted answers and leases than slots, and one counted answer of each annotator. */
async function assertInvariants(store: FeedbackStore): Promise<void> {
  for (const { item, filled, held } of (await store.items('p', { limit: 100 })).items)
    expect(filled + held, item.id).toBeLessThanOrEqual(overlap)
  const { done, extra } = await store.progress('p')
  const active = new Set((await all(store.judgments('p'))).map(({ id }) => id))
  const counted = (await all(store.events())).flatMap((event) =>
    event.type === 'judgment' && !event.extra && active.has(event.judgment.id!)
      ? `${event.judgment.item} ${event.judgment.annotator.id}`
      : [],
  )
  expect(counted).toHaveLength(done)
  expect(new Set(counted).size).toBe(done)
  expect(active.size).toBe(done + extra)
}

/** Random histories on a store and on the memory store: every answer is equal, and the invariants hold after each. */
export async function storeModel(open: (clock: TestClock) => Promise<StoreUnderTest>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (steps) => {
      const [clock, modelClock] = [testClock(), testClock()]
      const under = await open(clock)
      const ours: Run = { store: under.store, clock, claims: [], judgments: [] }
      const store = memoryStore({ clock: modelClock })
      const model: Run = { store, clock: modelClock, claims: [], judgments: [] }
      try {
        for (const { store } of [ours, model]) await projectOf(store, { items: 4, overlap })
        for (const [i, step] of steps.entries()) {
          const key = `key ${i}`
          const got = await outcome(run(ours, step, key))
          expect(got, JSON.stringify(step)).toEqual(await outcome(run(model, step, key)))
        }
        await assertInvariants(ours.store)
        expect(await ours.store.progress('p')).toEqual(await model.store.progress('p'))
      } finally {
        await under.dispose()
      }
    }),
    { numRuns: 12 },
  )
}
