import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'

/** Listens to a stream of the server; the browser reconnects by itself. */
export function useEvents(url: string | null, handlers: Readonly<Record<string, (data: unknown) => void>>) {
  const names = Object.keys(handlers).join()
  // The handlers close over the newest state of the page, so they are looked up when an event comes.
  useEffect(() => {
    if (!url || typeof EventSource === 'undefined') return
    const source = new EventSource(url)
    for (const name of names.split(','))
      source.addEventListener(name, (event) =>
        handlers[name]?.(JSON.parse((event as MessageEvent<string>).data)),
      )
    return () => source.close()
  }, [url, names])
}

/** Reads projects and runs again when the server says that they have changed, at most once a second. */
export function useLiveLists() {
  const queries = useQueryClient()
  useEffect(() => {
    if (typeof EventSource === 'undefined') return
    const source = new EventSource('/api/events')
    let timer: ReturnType<typeof setTimeout> | undefined
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({
          predicate: ({ queryKey: [name] }) =>
            typeof name === 'string' &&
            /^GET \/api\/(projects|runs|models)/.test(name) &&
            !/agreement|metrics|samples/.test(name),
        })
      }, 1000)
    }
    source.addEventListener('run', soon)
    source.addEventListener('project', soon)
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [queries])
}
