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
