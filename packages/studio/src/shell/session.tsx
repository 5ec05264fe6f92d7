import { useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect } from 'react'
import { type Answered, type Client, Problem, sessionLost } from '../api/client.ts'
import { useClient } from '../api/context.tsx'
import { Failure } from '../design/state.tsx'
import { forget, readStored, store } from '../storage.ts'

type Session = Answered<'GET /api/session'>
/** Who is using the studio. */
export type Account = NonNullable<Session['account']>

const Context = createContext<{ account: Account; local: boolean } | null>(null)

const slot = 'session'
const askAgainEvery = 3000

/** The session as the server has it; while it is away, the person who was here last, to whose own work the browser holds. */
async function readSession(client: Client): Promise<Session & { readonly away: boolean }> {
  try {
    const answer = await client.call('GET /api/session', {})
    client.setCsrf(answer.csrf)
    if (answer.account) store(slot, { ...answer, csrf: '' } satisfies Session)
    else forget(slot)
    return { ...answer, away: false }
  } catch (error) {
    const last = readStored<Session | null>(slot, null)
    if (!last || !(error instanceof Problem) || error.status !== 0) throw error
    return { ...last, away: true }
  }
}

/** Shows what is below to someone who is logged in, and a login to others. */
export function SessionProvider({ login, children }: { login: ReactNode; children: ReactNode }) {
  const client = useClient()
  const queries = useQueryClient()
  const session = useQuery({
    queryKey: ['session'],
    queryFn: () => readSession(client),
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: ({ state }) => (state.data?.away ? askAgainEvery : false),
  })
  useEffect(() => {
    const again = () => void queries.invalidateQueries({ queryKey: ['session'] })
    window.addEventListener(sessionLost, again)
    return () => window.removeEventListener(sessionLost, again)
  }, [queries])
  if (session.error && !session.data)
    return (
      <main className="page">
        <Failure error={session.error} retry={() => void session.refetch()} />
      </main>
    )
  if (!session.data) return null
  const { account, local } = session.data
  if (!account) return login
  return <Context.Provider value={{ account, local }}>{children}</Context.Provider>
}

/** Who is logged in, and whether the server is for this machine only. */
export function useSession() {
  const session = useContext(Context)
  if (!session) throw new Error('useSession is called outside SessionProvider')
  return session
}

/** Whether the account may do what needs a role. */
export function useMay(role: Account['role']): boolean {
  const order = ['annotator', 'reviewer', 'admin']
  return order.indexOf(useSession().account.role) >= order.indexOf(role)
}

/** Logs in or out; everything that was read before is forgotten. */
export function useAccountChange() {
  const client = useClient()
  const queries = useQueryClient()
  const settle = async () => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
    await queries.invalidateQueries({ queryKey: ['session'] })
  }
  return {
    login: async (name: string, password: string) => {
      const answer = await client.call('POST /api/login', { body: { name, password } })
      client.setCsrf(answer.csrf)
      await settle()
    },
    logout: async () => {
      await client.call('POST /api/logout', {})
      forget(slot)
      await settle()
    },
  }
}
