import { createHash } from 'node:crypto'
import { type ClipComparison, clipComparisonSchema } from '@attune/feedback'
import type { Api } from '@attune/server'
import { UserError } from '../../errors.ts'
import type { Query, ShownClip } from '../label/clip-folder.ts'

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

/** What is about clips, named by their ids. */
export interface AboutClips {
  readonly clips: readonly string[]
}

/** A pair that wants answers still, and how many were given; a skip that is not asked of another counts too. */
export interface OpenPair extends AboutClips {
  readonly filled: number
}

/** A project of clips in a studio, as a training run uses it. Every call throws `StudioAway` when the studio does not answer. */
export interface StudioDesk {
  readonly project: string
  /** Adds a pair; the same pair twice is one. */
  readonly ask: (query: Query, shown: readonly [ShownClip, ShownClip]) => Promise<void>
  /** All comparisons that are in force now, oldest first, whoever asked for them. */
  readonly comparisons: () => Promise<readonly ClipComparison[]>
  /** Pairs that want answers still, whoever asked about them. */
  readonly open: () => Promise<readonly OpenPair[]>
}

/** What is asked in a new project, and how often. */
export interface StudioQuestion {
  readonly name: string
  readonly question: string
  /** Answers wanted of each pair. */
  readonly overlap: number
}

/** Opens a project of clips by its id, or makes one. Throws a user's error when no studio, or no project of clips, is there. */
export async function studioDesk(
  address: StudioAddress,
  use: { readonly project: string } | StudioQuestion,
): Promise<StudioDesk> {
  try {
    const call = await studioCalls(address)
    return deskIn(
      call,
      'project' in use ? await openProject(call, address, use.project) : await makeProject(call, use),
    )
  } catch (cause) {
    if (!(cause instanceof StudioAway)) throw cause
    throw new UserError(
      `annotator.url: ${cause.message}; expected a studio there: start one by \`attune studio\`, or give the address of one`,
    )
  }
}

function deskIn(call: Calls, project: string): StudioDesk {
  const path = `/api/projects/${project}`
  let read = { progress: '', pairs: [] as OpenPair[] }
  return {
    project,
    ask: async ({ item, clips }, shown) => {
      // An id of the API has neither spaces nor plus signs.
      const id = createHash('sha256').update(item).digest('hex').slice(0, 32)
      const completions = shown.map((clip) => ({ text: JSON.stringify(clip) }))
      await call('POST', `${path}/items`, { items: [{ id, prompt: '', clips, completions }] })
    },
    comparisons: async () => {
      const judgments = await everything<JudgmentPage>(call, `${path}/judgments?limit=500`)
      return judgments.flatMap((judgment) => clipComparisonSchema.safeParse(judgment).data ?? []) // flags are remarks
    },
    open: async () => {
      // items come with their pictures: they are read again only when something was asked, answered or skipped
      const progress = JSON.stringify(await call('GET', `${path}/progress`))
      if (progress !== read.progress) {
        const items = await everything<ItemPage>(call, `${path}/items?state=open`)
        read = { progress, pairs: items.map(({ item, filled }) => ({ clips: item.clips ?? [], filled })) }
      }
      return read.pairs
    },
  }
}

type JudgmentPage = Api['GET /api/projects/{id}/judgments']['response']
type ItemPage = Api['GET /api/projects/{id}/items']['response']

/** What is on all pages of a list. */
async function everything<Page extends { items: readonly unknown[]; nextCursor: string | null }>(
  call: Calls,
  list: string,
): Promise<Page['items'][number][]> {
  const found: Page['items'][number][] = []
  let cursor: string | null = null
  do {
    const from: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const page = (await call('GET', `${list}${from}`)) as Page
    found.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

type Calls = (method: 'GET' | 'POST', path: string, body?: object) => Promise<unknown>

/** An answer of a studio, read to its end. */
interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly cookie: string | undefined
  readonly json: unknown
}

/** Calls to a studio's API under a session of its own, which is made again when it has ended. */
async function studioCalls({ url, account, password = '' }: StudioAddress): Promise<Calls> {
  let session: { readonly cookie: string; readonly csrf: string } | undefined
  const send = (method: string, path: string, body?: object) =>
    sendTo(url, path, {
      method,
      headers: {
        ...(session && { cookie: session.cookie, 'x-attune-csrf': session.csrf }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    })
  const open = ({ status, cookie = session?.cookie ?? '', json }: Answer): void => {
    const { csrf } = (json ?? {}) as { csrf?: string }
    if (!csrf) throw new StudioAway(`${url} answers ${status} to GET /api/session: ${messageOf(json)}`)
    session = { cookie, csrf }
  }
  const begin = async (): Promise<void> => {
    session = undefined
    open(await send('GET', '/api/session'))
    if (account === undefined) return
    const answer = await send('POST', '/api/login', { name: account, password })
    if (!answer.ok) throw refusal(answer, `${url}: '${account}' cannot log in`)
    open(answer)
  }
  await begin()
  return async (method, path, body) => {
    let answer = await send(method, path, body)
    if (answer.status === 401 || answer.status === 403) {
      await begin() // the session has ended, or the studio was started again
      answer = await send(method, path, body)
    }
    if (!answer.ok) throw refusal(answer, `${url}: ${method} ${path}`)
    return answer.json
  }
}

/** Sends a request and reads its answer. Throws `StudioAway` when there is none, or none that a studio gives while it is well. */
async function sendTo(url: string, path: string, init: RequestInit): Promise<Answer> {
  const { response, text } = await fetch(new URL(path, url), init)
    .then(async (response) => ({ response, text: await response.text() }))
    .catch((cause: Error) => {
      const { message, code } = (cause.cause ?? cause) as NodeJS.ErrnoException
      throw new StudioAway(`${url} does not answer (${message || code})`)
    })
  const { ok, status } = response
  const json = parsed(text)
  if (status >= 500 || status === 429 || json === undefined)
    throw new StudioAway(`${url} answers ${status} to ${init.method} ${path}: ${messageOf(json)}`)
  return { ok, status, json, cookie: response.headers.getSetCookie()[0]?.split(';')[0] }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function refusal({ status, json }: Answer, what: string): UserError {
  const advice =
    status === 401 || status === 403
      ? '; give the recipe annotator.account and the environment ATTUNE_STUDIO_PASSWORD of an admin'
      : ''
  return new UserError(`${what}: ${status}: ${messageOf(json)}${advice}`)
}

/** What an API's error says. */
function messageOf(json: unknown): string {
  const { error } = (json ?? {}) as { error?: { message?: string } }
  return error?.message ?? JSON.stringify(json)?.slice(0, 200) ?? 'no JSON'
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
