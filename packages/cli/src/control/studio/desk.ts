import { createHash } from 'node:crypto'
import { type ClipPair, itemOf } from '@attune/control'
import { type ClipComparison, clipComparisonSchema } from '@attune/feedback'
import type { Api } from '@attune/server'
import { UserError } from '../../errors.ts'
import type { ShownClip } from '../label/clip-folder.ts'

/** The studio does not answer for now: what was to be sent is kept and sent later. */
export class StudioAway extends Error {
  override readonly name = 'StudioAway'
}

/** Where a studio is and who asks there. */
export interface StudioAddress {
  readonly url: string
  /** Name of an account that may make projects; a studio of this machine alone asks for none. */
  readonly account?: string | undefined
  readonly password?: string | undefined
}

/** A project of clips in a studio, as a training run uses it. */
export interface StudioDesk {
  readonly project: string
  /** Adds a pair; the same pair twice is one. Throws `StudioAway` when the studio does not answer. */
  readonly ask: (clips: ClipPair, shown: readonly [ShownClip, ShownClip]) => Promise<void>
  /** All comparisons that are in force now, oldest first. */
  readonly comparisons: () => Promise<readonly ClipComparison[]>
  /** Answers that are wanted and not there yet. */
  readonly waiting: () => Promise<number>
}

/** What is asked in a new project, and how often. */
export interface StudioQuestion {
  readonly name: string
  readonly question: string
  /** Answers wanted of each pair. */
  readonly overlap: number
}

/** Opens a project of clips by its id, or makes one. Throws a user's error when it is not there or about something else. */
export async function studioDesk(
  address: StudioAddress,
  use: { readonly project: string } | StudioQuestion,
): Promise<StudioDesk> {
  const call = await studioCalls(address)
  const made = 'project' in use ? await openProject(call, address, use.project) : await makeProject(call, use)
  const path = `/api/projects/${made}`
  return {
    project: made,
    ask: async (clips, shown) => {
      // An id of the API has neither spaces nor plus signs.
      const id = createHash('sha256').update(itemOf(clips)).digest('hex').slice(0, 32)
      const completions = shown.map((clip) => ({ text: JSON.stringify(clip) }))
      const item = { id, prompt: '', clips: clips.map((clip) => clip.id), completions }
      await call('POST', `${path}/items`, { items: [item] })
    },
    comparisons: async () => {
      const found: ClipComparison[] = []
      let cursor: string | null = null
      do {
        const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
        const page = (await call(
          'GET',
          `${path}/judgments?limit=500${query}`,
        )) as Api['GET /api/projects/{id}/judgments']['response']
        for (const judgment of page.items) {
          const parsed = clipComparisonSchema.safeParse(judgment)
          if (parsed.success) found.push(parsed.data) // flags are remarks
        }
        cursor = page.nextCursor
      } while (cursor !== null)
      return found
    },
    waiting: async () => {
      const { slots, done } = (await call(
        'GET',
        `${path}/progress`,
      )) as Api['GET /api/projects/{id}/progress']['response']
      return Math.max(slots - done, 0)
    },
  }
}

type Calls = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>

/** Calls to a studio's API under a session of its own, which is made again when it has ended. */
async function studioCalls({ url, account, password = '' }: StudioAddress): Promise<Calls> {
  let session: { readonly cookie: string; readonly csrf: string } | undefined
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        ...(session && { cookie: session.cookie, 'x-attune-csrf': session.csrf }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch((cause: Error) => {
      throw new StudioAway(`${url} does not answer (${(cause.cause as Error)?.message ?? cause.message})`)
    })
    if (response.status >= 500 || response.status === 429)
      throw new StudioAway(`${url} answers ${response.status} to ${method} ${path}`)
    return response
  }
  const open = async (answer: Response): Promise<void> => {
    const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? session?.cookie ?? ''
    session = { cookie, csrf: ((await answer.json()) as { csrf: string }).csrf }
  }
  const begin = async (): Promise<void> => {
    session = undefined
    await open(await send('GET', '/api/session'))
    if (account === undefined) return
    const answer = await send('POST', '/api/login', { name: account, password })
    if (!answer.ok) throw await refusal(answer, `${url}: '${account}' cannot log in`)
    await open(answer)
  }
  await begin()
  return async (method, path, body) => {
    let answer = await send(method, path, body)
    if (answer.status === 401 || answer.status === 403) {
      await begin() // the session has ended, or the studio was started again
      answer = await send(method, path, body)
    }
    if (!answer.ok) throw await refusal(answer, `${url}: ${method} ${path}`)
    return answer.json()
  }
}

async function refusal(answer: Response, what: string): Promise<UserError> {
  const text = await answer.text()
  const message = /"message":"([^"]*)"/.exec(text)?.[1] ?? text.slice(0, 200)
  const advice =
    answer.status === 401 || answer.status === 403
      ? '; give the recipe annotator.account and the environment ATTUNE_STUDIO_PASSWORD of an admin'
      : ''
  return new UserError(`${what}: ${answer.status}: ${message}${advice}`)
}

async function openProject(call: Calls, { url }: StudioAddress, id: string): Promise<string> {
  const { protocol } = (await call(
    'GET',
    `/api/projects/${encodeURIComponent(id)}`,
  )) as Api['GET /api/projects/{id}']['response']
  if (protocol.kind !== 'clip-comparison')
    throw new UserError(
      `${url}: the project '${id}' asks for '${protocol.kind}', expected 'clip-comparison'; leave annotator.project out and one is made`,
    )
  return id
}

async function makeProject(call: Calls, { name, question, overlap }: StudioQuestion): Promise<string> {
  const protocol = { version: '1', kind: 'clip-comparison', question, overlap, skipPolicy: 'drop' }
  const made = (await call('POST', '/api/projects', {
    name,
    description: 'Clips of a policy that learns from the answers while it trains.',
    protocol,
  })) as Api['POST /api/projects']['response']
  return made.id
}
