import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'

/**
 * Listens to a stream of the server while the page is visible; the browser reconnects by itself. A browser has six connections
 * to a server for all its tabs, and a stream holds one: hidden pages leave theirs to the others. `open` is told at each
 * connection, since what was sent before it is lost. Returns the end of listening.
 */
export function listen(
  url: string,
  names: readonly string[],
  tell: (name: string, data: unknown) => void,
): () => void {
  if (typeof EventSource === 'undefined') return () => {}
  let source: EventSource | null = null
  const close = () => {
    source?.close()
    source = null
  }
  const follow = () => {
    if (document.hidden || source?.readyState === source?.CLOSED) close()
    if (document.hidden || source) return
    source = new EventSource(url)
    for (const name of names)
      source.addEventListener(name, (event) => {
        const { data } = event as MessageEvent<string | undefined>
        tell(name, data === undefined ? undefined : JSON.parse(data))
      })
  }
  follow()
  document.addEventListener('visibilitychange', follow)
  return () => {
    document.removeEventListener('visibilitychange', follow)
    close()
  }
}

/** Listens to a stream with the handlers of the newest draw: they are looked up when an event comes. */
export function useEvents(url: string | null, handlers: Readonly<Record<string, (data: unknown) => void>>) {
  const newest = useRef(handlers)
  useEffect(() => {
    newest.current = handlers
  })
  const names = Object.keys(handlers).join()
  useEffect(() => {
    if (url) return listen(url, names.split(','), (name, data) => newest.current[name]?.(data))
  }, [url, names])
}

/**
 * Whether a call is read again whenever a project or a run changes. Agreement and groups go through all answers (a reward model
 * scores for groups), and a run's rows come by its own stream.
 */
export function isLive(call: unknown): boolean {
  return (
    typeof call === 'string' &&
    /^GET \/api\/(projects|runs|models)/.test(call) &&
    !/agreement|groups|metrics|samples/.test(call)
  )
}

/** Reads projects and runs again when the server says that they have changed, at most once a second. */
export function useLiveLists() {
  const queries = useQueryClient()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let opened = false
    const soon = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        void queries.invalidateQueries({ predicate: ({ queryKey: [name] }) => isLive(name) })
      }, 1000)
    }
    const stop = listen('/api/events', ['open', 'run', 'project'], (name) => {
      if (name !== 'open' || opened) soon()
      opened = true
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [queries])
}
