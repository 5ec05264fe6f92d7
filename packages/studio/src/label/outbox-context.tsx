import { createContext, type ReactNode, useContext, useEffect, useMemo, useSyncExternalStore } from 'react'
import { useClient } from '../api/context.tsx'
import { useSession } from '../shell/session.tsx'
import { createOutbox, type Outbox, type OutboxState } from './outbox.ts'

const Context = createContext<Outbox | null>(null)
const retryEvery = 4000

/** Sends what is waiting when the page opens, when the network is back, and every few seconds until then. */
export function OutboxProvider({ children }: { children: ReactNode }) {
  const client = useClient()
  const { account } = useSession()
  const outbox = useMemo(() => createOutbox(client, account.id), [client, account.id])
  useEffect(() => {
    const flush = () => void outbox.flush()
    flush()
    const timer = setInterval(() => {
      if (outbox.getState().entries.some(({ refused }) => refused === undefined)) flush()
    }, retryEvery)
    window.addEventListener('online', flush)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', flush)
    }
  }, [outbox])
  return <Context.Provider value={outbox}>{children}</Context.Provider>
}

/** Where answers are handed in. */
export function useOutbox(): Outbox {
  const outbox = useContext(Context)
  if (!outbox) throw new Error('useOutbox is called outside OutboxProvider')
  return outbox
}

/** What is waiting to be sent. */
export function useOutboxState(): OutboxState {
  const outbox = useOutbox()
  return useSyncExternalStore(outbox.subscribe, outbox.getState)
}
