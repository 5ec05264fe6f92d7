import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext } from 'react'
import { type Answered, type CallName, type Client, createClient, type Sent } from './client.ts'

const Context = createContext<Client>(createClient())

/** Gives the pages below the client that they call the server with. */
export function ClientProvider({ client, children }: { client: Client; children: ReactNode }) {
  return <Context.Provider value={client}>{children}</Context.Provider>
}

/** The client that calls the server. */
export function useClient(): Client {
  return useContext(Context)
}

/** Reads from the server and keeps the answer; its key is the call and what it sent. */
export function useCall<C extends CallName>(
  name: C,
  sent: Sent<C>,
  options: { enabled?: boolean; refetchInterval?: number | false } = {},
) {
  const client = useClient()
  return useQuery<Answered<C>, Error>({
    queryKey: [name, sent],
    queryFn: ({ signal }) => client.call(name, sent, { signal }),
    ...options,
  })
}

/** Calls that give a list in parts. */
type ListName = {
  [C in CallName]: Answered<C> extends { items: readonly unknown[]; nextCursor: string | null } ? C : never
}[CallName]

const mostAtOnce = 500

/** Reads a list to its end, part by part. */
export function useAll<C extends ListName>(name: C, sent: Sent<C>) {
  const client = useClient()
  return useQuery<{ readonly items: Answered<C>['items'] }, Error>({
    queryKey: [name, sent, 'all'],
    queryFn: ({ signal }) => readAll(client, name, sent, signal),
  })
}

/** A whole list, read part by part. */
export async function readAll<C extends ListName>(
  client: Client,
  name: C,
  sent: Sent<C>,
  signal?: AbortSignal,
): Promise<{ readonly items: Answered<C>['items'] }> {
  const { query = {}, ...rest } = sent as { query?: object }
  const items: unknown[] = []
  let cursor: string | null = null
  do {
    const asked = { ...rest, query: { ...query, limit: mostAtOnce, ...(cursor && { cursor }) } }
    const part: Answered<C> = await client.call(name, asked as unknown as Sent<C>, {
      ...(signal && { signal }),
    })
    const { items: some, nextCursor } = part as { items: readonly unknown[]; nextCursor: string | null }
    items.push(...some)
    cursor = nextCursor
  } while (cursor !== null)
  return { items: items as Answered<C>['items'] }
}

/** Changes something on the server; what was read before is read again. */
export function useChange<C extends CallName>(name: C, done?: (answer: Answered<C>) => void) {
  const client = useClient()
  const queries = useQueryClient()
  return useMutation<Answered<C>, Error, Sent<C>>({
    mutationFn: (sent) => client.call(name, sent),
    onSuccess: async (answer) => {
      await queries.invalidateQueries()
      done?.(answer)
    },
  })
}
