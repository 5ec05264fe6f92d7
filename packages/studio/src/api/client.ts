import type { Api } from '@attune/server'

/** A call of the server's API: `POST /api/projects/{id}/claim`. */
export type CallName = keyof Api

type Part<Name, Value> = undefined extends Value
  ? { [N in Name & string]?: Value }
  : { [N in Name & string]: Value }

/** What a call sends. */
export type Sent<C extends CallName> = Part<'params', Api[C]['params']> &
  Part<'query', Api[C]['query']> &
  Part<'body', Api[C]['body']>

/** What a call gives back. */
export type Answered<C extends CallName> = Api[C]['response']

/** What the server refused, or why it could not be reached. */
export class Problem extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 when no answer came. */
    readonly status: number,
    readonly code: string,
    readonly field?: string,
  ) {
    super(message)
  }

  /** Whether the same request may succeed later without a change. */
  get passing(): boolean {
    return this.status === 0 || this.status === 408 || this.status === 429 || this.status >= 500
  }
}

/** Calls the server; types of what is sent and answered follow from the call's name. */
export interface Client {
  readonly call: <C extends CallName>(
    name: C,
    sent: Sent<C>,
    options?: { signal?: AbortSignal },
  ) => Promise<Answered<C>>
  /** The answer as it comes in, for streams. */
  readonly stream: (name: CallName, sent: LooseSent, options?: { signal?: AbortSignal }) => Promise<Response>
  readonly setCsrf: (token: string) => void
}

interface LooseSent {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
}

/** Event of the window: the server no longer knows the session, or its token is old. */
export const sessionLost = 'attune:session-lost'

/** Calls that a person waits for and that may be made twice: the ones of labelling. */
const quick = /\/(claim|judgments|retract)$|\/leases\//

/** A client over `fetch`, which tests replace. Calls of labelling are given up as unreachable after `patience` milliseconds. */
export function createClient(
  send: typeof fetch = (...request) => fetch(...request),
  patience = 60_000,
): Client {
  let csrf = ''
  const stream: Client['stream'] = async (name, sent, options) => {
    const [method, path] = name.split(' ') as [string, string]
    const headers: Record<string, string> = {}
    if (method !== 'GET') headers['x-attune-csrf'] = csrf
    if (sent.body !== undefined) headers['content-type'] = 'application/json'
    const body = sent.body === undefined ? undefined : JSON.stringify(sent.body)
    const signal = options?.signal ?? (quick.test(path) ? AbortSignal.timeout(patience) : undefined)
    const response = await send(urlOf(path, sent), { method, headers, body, signal }).catch(unreachable)
    if (!response.ok) {
      const problem = await problemOf(response)
      if (problem.status === 401 || problem.code === 'csrf') dispatchEvent(new Event(sessionLost))
      throw problem
    }
    return response
  }
  return {
    stream,
    call: async (name, sent, options) => {
      const response = await stream(name, sent as LooseSent, options)
      return (await response.json().catch(unreachable)) as Answered<typeof name>
    },
    setCsrf: (token) => {
      csrf = token
    },
  }
}

function unreachable(error: Error): never {
  if (error.name === 'AbortError') throw error
  throw new Problem('The server cannot be reached.', 0, 'unreachable')
}

/** The path of a call with its parameters and its query filled in. */
export function urlOf(path: string, { params = {}, query = {} }: LooseSent): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const entries = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))
  return entries.length === 0 ? filled : `${filled}?${search}`
}

async function problemOf(response: Response): Promise<Problem> {
  const answer = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string; field?: string }
  } | null
  const { code = 'unknown', message, field } = answer?.error ?? {}
  return new Problem(message ?? `The server answered ${response.status}.`, response.status, code, field)
}
