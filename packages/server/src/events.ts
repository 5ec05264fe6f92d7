/** What live pages are told of. */
export type LiveEvent =
  | { readonly type: 'run'; readonly name: string }
  | { readonly type: 'project'; readonly id: string }

/** Who wants to know is told; nobody waits for them. */
export interface Events {
  readonly publish: (event: LiveEvent) => void
  /** Returns how to stop listening. */
  readonly listen: (listener: (event: LiveEvent) => void) => () => void
}

/** A bus within this process. */
export function liveEvents(): Events {
  const listeners = new Set<(event: LiveEvent) => void>()
  return {
    publish: (event) => {
      for (const listener of listeners) listener(event)
    },
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
