import type { Item, Project } from '@attune/server'
import { agreement, items, leaderboard, metricRows, models, project, runs, sampleRows } from './fake-data.ts'

/** What the fake has stored, for tests to look at. */
export interface Fake {
  readonly fetch: typeof fetch
  readonly judgments: {
    id: string
    key: string
    item: string
    body: Record<string, unknown>
    retracted: boolean
  }[]
  readonly drafts: Map<string, unknown>
  readonly skipped: { item: string; reason: string }[]
  readonly released: string[]
  /** While false every request fails as without a network. */
  online: boolean
  /** Requests whose answer is lost after they were carried out. */
  loseAnswers: number
  /** The status that answers are refused with, by item; null takes them. */
  trouble: ((item: string) => number) | null
  /** Ends all leases, as time does. */
  readonly endLeases: () => void
}

interface Call {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Record<string, unknown>
}

type Handler = (call: Call, ...parts: string[]) => unknown

/** An in-memory server for component tests: one annotator, one project, each item asked once. */
export function fakeServer(
  options: { project?: Project; items?: readonly Item[]; role?: 'annotator' | 'admin' } = {},
): Fake {
  const task = options.project ?? project
  const pool = options.items ?? items
  const leases = new Map<string, string>()
  let granted = 0
  const fake: Fake = {
    endLeases: () => leases.clear(),
    trouble: null,
    judgments: [],
    drafts: new Map(),
    skipped: [],
    released: [],
    online: true,
    loseAnswers: 0,
    fetch: async (input, init) => {
      await Promise.resolve()
      if (!fake.online) throw new TypeError('Failed to fetch')
      const answer = respond(String(input), init)
      if (init?.method === 'POST' && String(input).endsWith('/judgments') && fake.loseAnswers > 0) {
        fake.loseAnswers--
        throw new TypeError('Failed to fetch')
      }
      return answer
    },
  }
  const live = () => fake.judgments.filter(({ retracted, body }) => !retracted && body.kind !== 'flag')
  const progress = () => ({
    items: pool.length,
    slots: pool.length,
    done: live().length,
    skipped: fake.skipped.length,
    perAnnotator: [
      { annotator: 'ada', name: 'Ada', done: live().length, skipped: fake.skipped.length },
      { annotator: 'grace', name: 'Grace', done: 31, skipped: 1 },
    ],
  })
  const routes: readonly (readonly [string, Handler])[] = [
    [
      'GET /api/session',
      () => ({
        account: { id: 'ada', name: 'Ada Quill', role: options.role ?? 'admin' },
        csrf: 'token',
        local: true,
      }),
    ],
    ['GET /api/projects', () => list([{ ...task, progress: progress() }])],
    ['GET /api/projects/:', () => ({ ...task, progress: progress() })],
    ['GET /api/projects/:/items', () => list(pool.map((item) => ({ item, done: 0, skipped: 0 })))],
    ['GET /api/projects/:/agreement', () => agreement],
    [
      'POST /api/projects/:/claim',
      () => {
        const taken = new Set([
          ...leases.values(),
          ...live().map(({ item }) => item),
          ...fake.skipped.map(({ item }) => item),
        ])
        const item = pool.find(({ id }) => !taken.has(id))
        if (!item) return { empty: true, progress: progress() }
        const id = `lease-${++granted}-${item.id}`
        leases.set(id, item.id)
        return { lease: lease(id, item.id), item, draft: fake.drafts.get(item.id), progress: progress() }
      },
    ],
    [
      'POST /api/leases/:/extend',
      (_, id) => {
        const item = leases.get(id!)
        return item ? { ...lease(id!, item), draft: fake.drafts.get(item) } : leaseGone()
      },
    ],
    [
      'POST /api/leases/:/release',
      (_, id) => {
        leases.delete(id!)
        fake.released.push(id!)
        return { ok: true }
      },
    ],
    [
      'POST /api/leases/:/draft',
      ({ body }, id) => {
        const item = leases.get(id!)
        if (!item) return leaseGone()
        fake.drafts.set(item, body.draft)
        return { ok: true }
      },
    ],
    [
      'POST /api/leases/:/skip',
      ({ body }, id) => {
        const item = leases.get(id!)
        if (!item) return leaseGone()
        fake.skipped.push({ item, reason: String(body.reason) })
        leases.delete(id!)
        return { ok: true }
      },
    ],
    [
      'POST /api/projects/:/judgments',
      ({ body }) => {
        const before = fake.judgments.find(({ key }) => key === body.key)
        const item = String(body.item ?? leases.get(String(body.lease)))
        const status = fake.trouble?.(item) ?? 0
        if (status > 0) return refused(status, 'trouble', `refused with ${status}`)
        const id = before?.id ?? `judgment-${fake.judgments.length + 1}`
        if (!before) {
          const judgment = {
            ...(body.judgment as Record<string, unknown>),
            shown: body.shown,
            comment: body.comment,
            durationSeconds: body.durationSeconds,
          }
          fake.judgments.push({ id, key: String(body.key), item, body: judgment, retracted: false })
          if (judgment && (judgment as { kind?: string }).kind !== 'flag') leases.delete(String(body.lease))
        }
        return {
          judgment: { id, kind: 'comparison', item, time: '2026-01-01T00:00:00Z', protocol: '1' },
          duplicate: Boolean(before),
          extra: false,
        }
      },
    ],
    [
      'POST /api/judgments/:/retract',
      (_, id) => {
        const judgment = fake.judgments.find((other) => other.id === id)!
        judgment.retracted = true
        const item = pool.find((other) => other.id === judgment.item)!
        const again = `lease-${++granted}-${item.id}`
        leases.set(again, item.id)
        return { claim: { item, lease: lease(again, item.id) } }
      },
    ],
    [
      'GET /api/people',
      () =>
        list([
          {
            id: 'ada',
            name: 'Ada Quill',
            role: 'admin',
            projects: 'all',
            disabled: false,
            group: null,
            hasPassword: false,
            createdAt: '2026-01-01T00:00:00Z',
          },
        ]),
    ],
    ['GET /api/projects/{id}/groups', () => ({ groups: [] })],
    ['GET /api/keys', () => list([])],
    ['GET /api/models', () => list(models)],
    [
      'GET /api/recipes',
      () =>
        list([
          {
            id: 'quickstart',
            name: 'quickstart',
            description: 'Three stages at laptop scale.',
            paper: 'Ouyang et al. 2022',
            text: 'name: quickstart\n',
          },
        ]),
    ],
    ['GET /api/runs', () => list(runs)],
    [
      'GET /api/runs/:',
      (_, name) => ({ ...runs.find((run) => run.name === name), recipe: 'name: quickstart\n' }),
    ],
    ['GET /api/runs/:/metrics', ({ query }) => ({ stage: query.get('stage'), rows: metricRows })],
    ['GET /api/runs/:/samples', ({ query }) => ({ stage: query.get('stage'), rows: sampleRows })],
    ['GET /api/arena/leaderboard', () => leaderboard],
    [
      'POST /api/arena/round',
      ({ body }) => ({
        id: 'round-1',
        prompt: body.prompt,
        answers: [
          { slot: 'A', text: ' work together for peace.' },
          { slot: 'B', text: ' be the the of the.' },
        ],
      }),
    ],
    ['POST /api/arena/:/vote', () => ({ models: ['sotu-4m.ppo', 'sotu-4m'], duplicate: false })],
  ]
  const respond = (url: string, init?: RequestInit): Response => {
    const { pathname, searchParams } = new URL(url, 'http://studio.test')
    const method = init?.method ?? 'GET'
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as Record<string, unknown>) : {}
    for (const [route, handler] of routes) {
      const parts = matched(route, `${method} ${pathname}`)
      if (parts) {
        const answer = handler({ method, path: pathname, query: searchParams, body }, ...parts)
        return answer instanceof Response ? answer : Response.json(answer)
      }
    }
    return Response.json(
      { error: { code: 'not-found', message: `${method} ${pathname} is not faked` } },
      { status: 404 },
    )
  }
  return fake
}

function refused(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } }, { status })
}

function leaseGone(): Response {
  return refused(409, 'lease-gone', 'the lease has expired or was given back; claim the item again')
}

function lease(id: string, item: string) {
  return {
    id,
    project: 'p1',
    item,
    annotator: 'ada',
    expiresAt: new Date(Date.now() + 900_000).toISOString(),
  }
}

function list<Entry>(entries: readonly Entry[]) {
  return { items: entries, nextCursor: null }
}

function matched(route: string, request: string): string[] | null {
  const match = new RegExp(`^${route.replaceAll(':', '([^/]+)')}$`).exec(request)
  return match ? match.slice(1) : null
}
